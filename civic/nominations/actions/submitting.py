"""What nominators do: submit or join, supplement, withdraw, claim."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update

from civic.audit import actions as audit
from civic.core import calendar, clock, crypto
from civic.core.db import db, locked, next_number, rows_changed
from civic.core.errors import Conflict, Invalid, NotNow
from civic.core.text import normalised_name
from civic.honours.models import Category
from civic.identity import rules as identity
from civic.identity.models import Person, User
from civic.identity.permissions import Actor
from civic.identity.rules import Contact, contact_digest
from civic.nominations import letters
from civic.nominations.actions import guarding, looking
from civic.nominations.actions.moving import step_taken
from civic.nominations.models.cases import Channel, Draft, Nomination, Photo, ReferenceSeries
from civic.nominations.models.voices import Voice
from civic.nominations.queries import cases, drafts
from civic.nominations.rules import climbing, links, telling
from civic.nominations.rules.telling import Answers, Told
from civic.nominations.states import OPEN, NotLawful, Status, Verb, step_from
from civic.regions.models import Region


def submit(
    actor: Actor,
    answers: Answers,
    contact: Contact | None,
    *,
    draft_id: int | None = None,
    join_id: int | None = None,
    told: Told | None = None,
) -> Voice:
    """Make a case of the answers, or join one. A draft makes one case, however often it is sent.

    `told`: somebody else wrote it down; only then may there be no contact.
    """
    draft = None
    if draft_id is not None:
        draft = db.session.scalars(locked(select(Draft).where(Draft.id == draft_id))).first()
        if draft is not None and draft.submitted_as_id is not None:
            known = cases.voice_of_contact(draft.submitted_as_id, contact) if contact is not None else None
            if known is not None:
                return known
            raise Conflict("draft_submitted", _l("这份推荐已经提交过了。想再推荐一位，请重新开始。"))
    telling.check(answers)
    nomination = _joined(join_id, answers) if join_id is not None else _begun(actor, answers)
    voice = _voice(actor, nomination, answers, contact, joins=join_id is not None, told=told)
    if draft is not None:
        _photos_handed_on(draft, nomination, joins=join_id is not None)
        draft.submitted_as_id, draft.voice_id = nomination.id, voice.id
        draft.answers, draft.changed_at = "{}", clock.now()
    return voice


def join(actor: Actor, nomination: Nomination, answers: Answers, contact: Contact) -> Voice:
    """One more voice for a case that a desk found to be the same; whose reach it is, the caller has asked."""
    telling.check(answers)
    return _voice(actor, _open(cases.held(nomination.id)), answers, contact, joins=True, told=None)


def _photos_handed_on(draft: Draft, nomination: Nomination, *, joins: bool) -> None:
    """The draft's photographs are the case's now; of many who join only as many as anybody looks at."""
    photos = [photo.id for photo in drafts.photos_of(draft.id)]
    if joins:
        kept = db.session.scalar(select(func.count()).select_from(Photo).where(Photo.nomination_id == nomination.id)) or 0
        photos = photos[: max(0, telling.CASE_PHOTOS_MOST - kept)]
    db.session.execute(update(Photo).where(Photo.id.in_(photos)).values(draft_id=None, nomination_id=nomination.id))


def _begun(actor: Actor, answers: Answers) -> Nomination:
    region = db.session.get(Region, answers.region_id)
    if region is None or region.is_retired:
        raise Invalid("region_unknown", _l("这个地方不在名单里了，请重新选一下住在哪。"), field="region")
    if not climbing.enters_at(region.level):
        raise Invalid("region_too_high", _l("请选到社区或楼道。不知道哪栋，选“不知道是哪栋”。"), field="region")
    if answers.channel is Channel.SCHOOL:
        _school_opens(answers, region)
    today, now = clock.today(), clock.now()
    category = db.session.get(Category, answers.category_id)
    if category is None or category.since > today or (category.until is not None and category.until < today):
        raise Invalid("category_unknown", _l("请选他（她）是哪一类好人。"), field="category")
    first = _first_owner(region, answers.channel)
    rule = cases.rule_in_force(first.level, today)
    nominee = _nominee(answers, region)
    nomination = Nomination(
        reference=_next_reference(),
        status=Status.SUBMITTED,
        level=first.level,
        category_id=category.id,
        channel=answers.channel,
        nominee_id=nominee.id,
        nominee_name=nominee.name,
        headline=answers.headline.strip(),
        summary=answers.summary.strip(),
        story=answers.story.strip(),
        deed_on=answers.deed_on,
        may_tell_nominee=answers.may_tell_nominee,
        home_region_id=region.id,
        home_path=region.path,
        region_id=first.id,
        desk_path=desk_of(first),
        rule_id=rule.id,
        created_at=now,
        arrived_at=now,
        due_at=calendar.add_working_days(now, rule.review_days),
    )
    db.session.add(nomination)
    db.session.flush()
    if answers.guardian is not None and nominee.is_minor:
        guarding.record(actor, nomination, answers.guardian)
    return nomination


def _first_owner(home: Region, channel: Channel) -> Region:
    """The place whose desk gets the case first: where the nominee lives, or above it where the channel begins."""
    wanted, place = climbing.entry_level(channel.value, home.level), home
    while place.level < wanted and place.parent_id is not None:
        place = db.session.get_one(Region, place.parent_id)
    return place


def _school_opens(answers: Answers, region: Region) -> None:
    """The school's channel is for children: it begins at the community, and only where a guardian said yes."""
    if region.level != 2:
        raise Invalid("school_enters_community", _l("学校推荐同学，从学校所在的社区开始。请选到社区，再选“不知道是哪栋”。"), field="region")
    if answers.guardian is None:
        raise Invalid("guardian_missing", _l("推荐同学，要先问过监护人。请写监护人的姓名和电话；推荐老师，请选“单位职工”。"), field="guardian_name")
    guarding.check(answers.guardian)


def desk_of(region: Region) -> str:
    """Who serves a case at this region: the region, or its community where a stairwell has no steward."""
    if region.level == 1 and not cases.has_steward(region.path):
        return region.path[: region.path.rstrip(".").rindex(".") + 1]
    return region.path


def _nominee(answers: Answers, region: Region) -> Person:
    person = Person(
        kind=answers.nominee_kind,
        name=answers.nominee_name.strip(),
        normal_name=normalised_name(answers.nominee_name),
        sex=answers.nominee_sex,
        is_minor=answers.nominee_is_minor or answers.channel is Channel.SCHOOL,
        is_deceased=answers.nominee_is_deceased,
        phone=answers.nominee_phone,
        phone_digest=identity.phone_digest(answers.nominee_phone) if answers.nominee_phone else None,
        work_unit=answers.work_unit,
        region_id=region.id,
        created_at=clock.now(),
    )
    db.session.add(person)
    db.session.flush()
    return person


def _next_reference() -> str:
    month = f"{clock.today():%y%m}"
    return links.reference_text(month, next_number(ReferenceSeries, month))


def _joined(nomination_id: int, answers: Answers) -> Nomination:
    """The case they say is the same deed: one of those that their own answers bring up, and none else."""
    region = db.session.get(Region, answers.region_id)
    offered = cases.joinable(answers.nominee_name, answers.category_id, region) if region is not None else []
    if nomination_id not in {case.id for case in offered}:
        raise NotNow("join_not_offered", _l("那一件现在并不进去了，可能刚刚办完。请再看一遍，或者选“不是同一件事”，另外推荐。"), field="join")
    return _open(cases.held(nomination_id))


def _open(nomination: Nomination | None) -> Nomination:
    """The case, held, where one more voice still counts."""
    if nomination is None or nomination.status not in OPEN or nomination.is_protected:
        raise NotNow("case_ended", _l("那一件已经办完了。请选“不是同一件事”，另外推荐。"))
    return nomination


def _voice(
    actor: Actor, nomination: Nomination, answers: Answers, contact: Contact | None, *, joins: bool, told: Told | None
) -> Voice:
    known = cases.voice_of_contact(nomination.id, contact) if joins and contact is not None else None
    if known is not None:
        return known
    phone = contact.value if contact is not None and contact.kind == "phone" else None
    voice = Voice(
        nomination_id=nomination.id,
        # Whoever writes it down for somebody is not the nominator.
        user_id=actor.user_id if told is None else None,
        name=answers.nominator_name.strip(),
        phone=phone,
        email=contact.value if contact is not None and contact.kind == "email" else None,
        contact_digest=contact_digest(contact) if contact is not None else crypto.digest("voice.told", crypto.token()),
        tail_digest=links.tail_digest(nomination.reference, links.tail_of(phone)) if phone else None,
        relation=answers.relation,
        words=answers.story.strip() if joins else None,
        at=clock.now(),
        told_how=told.how if told is not None else None,
        entered_by_id=told.entered_by_id if told is not None else None,
        sheet_key=told.sheet_key if told is not None else None,
    )
    db.session.add(voice)
    db.session.flush()
    if joins:
        # Not through the row's version: a neighbour's voice must not make a reviewer's page stale.
        db.session.execute(
            update(Nomination)
            .where(Nomination.id == nomination.id)
            .values(voice_count=Nomination.voice_count + 1)
            .execution_options(synchronize_session=False)
        )
    audit.record(
        actor.user_id,
        "nomination.join" if joins else "nomination.submit",
        ("nomination", nomination.id),
        region_path=nomination.home_path,
        voice=voice.id,
        channel=answers.channel.value,
    )
    letters.tell_voice("joined" if joins else "received", voice)
    return voice


def _of_nominator(voice: Voice, verb: Verb, expected: int | None) -> Nomination:
    """The case, held, where the first who spoke for it may now do this; the others' word stays as they gave it."""
    nomination = cases.held(voice.nomination_id)
    assert nomination is not None
    if not cases.is_first_voice(voice):
        raise NotNow("not_first_voice", _l("这件是邻居先推荐的，要由他（她）来补充或者撤回。您的署名可以打热线去掉，推荐还会接着走。"))
    try:
        step_from(nomination.position, verb)
    except NotLawful:
        raise NotNow("not_now", _l("这件推荐现在不在您手上，刚才可能有人办过了。请看看最新的进度。")) from None
    if expected is not None and nomination.version != expected:
        raise Conflict("changed_meanwhile", _l("您打开之后，这件推荐有了新进展。请看看最新的进度，再办一次。"))
    return nomination


def resubmit(voice: Voice, *, story: str | None, words: str, expected: int | None = None) -> Nomination:
    """Send back what the desk asked for; the clock goes on with the days that were left."""
    nomination = _of_nominator(voice, Verb.RESUBMIT, expected)
    if story is not None:
        telling.check_story(story)
        looking.keep_old(nomination.id, "story", nomination.story, story.strip())
        nomination.story = story.strip()
    step_taken(nomination, Verb.RESUBMIT, actor_id=voice.user_id, reason=words.strip() or None)
    return nomination


def withdraw(voice: Voice, *, expected: int | None = None) -> Nomination:
    """Take the nomination back. Where several spoke, only the first may; the others just stay silent."""
    nomination = _of_nominator(voice, Verb.WITHDRAW, expected)
    decision = step_taken(nomination, Verb.WITHDRAW, actor_id=voice.user_id)
    letters.tell_all("withdrawn", nomination, decision)
    return nomination


def claim(user: User, contact: Contact) -> int:
    """Give an account the nominations made with a contact it has proven; how many."""
    return rows_changed(
        update(Voice)
        .where(Voice.contact_digest == contact_digest(contact), Voice.user_id.is_(None))
        .values(user_id=user.id)
        .execution_options(synchronize_session=False)
    )

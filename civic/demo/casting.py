"""Casting one invented case: who, what, how far it came, and all the rows that say so."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import func, select

from civic.core import calendar, clock
from civic.core.db import Model, db
from civic.core.text import normalised_name
from civic.demo import rules
from civic.honours.models import Category, Honour, HonourSeries, HonourStatus, Visibility
from civic.identity.models import Consent, ConsentMethod, Grant, Person, PersonKind, Purpose, Sex
from civic.identity.permissions import Role
from civic.identity.rules import Contact, contact_digest
from civic.nominations.models.cases import Channel, Nomination, ReferenceSeries
from civic.nominations.models.decisions import Decision
from civic.nominations.models.inquiries import Visit
from civic.nominations.models.levels import LevelRule
from civic.nominations.models.voices import Relation, Voice
from civic.nominations.rules.climbing import SEEN_ON_THE_SPOT
from civic.nominations.rules.links import reference_text, tail_digest
from civic.nominations.states import Status, Verb
from civic.regions.models import Region

Rows = dict[type[Model], list[dict]]
# How cases end or wait, out of a hundred.
FATES = (
    [Status.SUBMITTED] * 34 + [Status.IN_REVIEW] * 12 + [Status.RETURNED] * 9 + [Status.ELECTED] * 30
    + [Status.DECLINED] * 11 + [Status.WITHDRAWN] * 4
)  # fmt: skip
# Pupils come with a guardian's word: a scene of their own.
CHANNELS = [c for c in Channel if c is not Channel.SCHOOL]
LEVELS = [1] * 30 + [2] * 26 + [3] * 18 + [4] * 12 + [5] * 14


class Casting:
    """Makes cases from one seeded source of chance: the same seed, the same city."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.references: Counter[str] = Counter()
        self.numbers: Counter[int] = Counter()
        self.due: dict[tuple[datetime, int], datetime] = {}

    def name(self) -> str:
        """A name that is nobody's."""
        length = self.chance.choice((1, 2, 2, 2))
        return self.chance.choice(rules.SURNAMES) + "".join(self.chance.choice(rules.GIVEN) for _ in range(length))

    def look_around(self) -> None:
        """Read the places, staff, rules and last numbers once."""
        self.now = clock.now()
        regions = db.session.execute(select(Region.id, Region.path, Region.level)).all()
        self.paths = {r.id: r.path for r in regions}
        self.levels = {r.id: r.level for r in regions}
        self.leaves = sorted(r.id for r in regions if r.level == 1)
        # The line that can sign in gets more than its share, so that its desks have something to show.
        self.near, self.next_door = self.leaves[:100], self.leaves[:1]
        self.categories = {c.code: c.id for c in db.session.scalars(select(Category))}
        self.rules = {r.level: r for r in db.session.scalars(select(LevelRule))}
        self.staff: dict[str, list[int]] = defaultdict(list)
        for path, user_id in db.session.execute(
            select(Grant.region_path, Grant.user_id)
            .where(Grant.role.in_((Role.STEWARD, Role.REVIEWER)), Grant.ended_at.is_(None))
            .order_by(Grant.id)
        ):
            self.staff[path].append(user_id)
        self.anybody = next(iter(self.staff.values()), [None])[0]
        self.references.update({r.month: r.last for r in db.session.scalars(select(ReferenceSeries))})
        self.numbers.update({r.region_id: r.last for r in db.session.scalars(select(HonourSeries))})
        self.next = {
            table: (db.session.scalar(select(func.max(table.id))) or 0) + 1
            for table in (Person, Honour, Nomination, Voice, Decision, Consent, Visit)
        }

    def _id(self, table: type[Model]) -> int:
        self.next[table] += 1
        return self.next[table] - 1

    def cast(self, rows: Rows) -> None:
        """One case with everything that belongs to it."""
        chance = self.chance
        home = chance.choice(chance.choices((self.leaves, self.near, self.next_door), (82, 12, 6))[0])
        line = {self.levels[int(i)]: int(i) for i in self.paths[home].rstrip(".").split(".")}
        code, headline, story = chance.choice(rules.DEEDS)
        status, level = chance.choice(FATES), chance.choice(LEVELS)
        level = max(level, min(line))
        waits = timedelta(days=chance.randint(0, 4), hours=chance.randint(0, 9), minutes=chance.randint(0, 59))
        if status in (Status.ELECTED, Status.DECLINED, Status.WITHDRAWN):
            waits = timedelta(days=chance.randint(1, 400), minutes=chance.randint(0, 1400))
        arrived = self.now - waits
        person = self._person(rows, home)
        case_id, honour_id = self._id(Nomination), None
        climb = list(range(min(line), level))
        created = arrived - timedelta(days=3 * len(climb))
        agrees = chance.random() < 0.75
        number = 0
        at = created
        for step in climb:
            at = at + timedelta(days=3)
            number += 1
            self._decision(rows, case_id, number, Verb.ENDORSE, Status.SUBMITTED, step, line, at, chance.choice(rules.REASONS_YES))
            honour_id = self._honour(rows, case_id, person, code, step, line, at, agrees, headline, story)
        values = self._standing(status, level, arrived, line)
        if status is Status.IN_REVIEW:
            number += 1
            self._decision(rows, case_id, number, Verb.TAKE, Status.IN_REVIEW, level, line, arrived, None)
        if status is Status.RETURNED:
            number += 1
            values["return_reason"] = chance.choice(rules.REASONS_BACK)
            self._decision(rows, case_id, number, Verb.RETURN, Status.RETURNED, level, line, arrived, values["return_reason"])
        if status in (Status.ELECTED, Status.DECLINED, Status.WITHDRAWN):
            verb = {Status.ELECTED: Verb.ELECT, Status.DECLINED: Verb.DECLINE, Status.WITHDRAWN: Verb.WITHDRAW}[status]
            reason = chance.choice(rules.REASONS_NO if verb is Verb.DECLINE else rules.REASONS_YES)
            number += 1
            decided = self._decision(rows, case_id, number, verb, status, level, line, arrived, None if verb is Verb.WITHDRAW else reason)
            values["decided_by_id"] = decided["actor_id"]
            if verb is Verb.ELECT:
                honour_id = self._honour(rows, case_id, person, code, level, line, arrived, agrees, headline, story)
        if agrees and honour_id is not None:
            values |= {"public_headline": headline, "public_story": story, "public_approved_at": arrived,
                       "public_approved_by_id": self._actor(line, 2)}  # fmt: skip
            self._consents(rows, person["id"], arrived)
        reference = self._reference(created)
        channel = chance.choice(CHANNELS)
        if channel in SEEN_ON_THE_SPOT:
            self._visit(rows, case_id, min(line), created)
        rows[Nomination].append(
            {
                "id": case_id, "reference": reference, "status": status, "level": level,
                "category_id": self.categories[code], "channel": channel,
                "nominee_id": person["id"], "nominee_name": person["name"], "headline": headline, "summary": "",
                "story": story, "deed_on": (created - timedelta(days=20)).date(), "may_tell_nominee": chance.random() < 0.6, "voice_count": 1, "home_region_id": home,
                "home_path": self.paths[home], "rule_id": self.rules[level].id, "created_at": created,
                "arrived_at": arrived, "honour_id": honour_id, "version": 1 + number, "raised_path": None, **values,
            }
        )  # fmt: skip
        self._voice(rows, case_id, reference, created)

    def _visit(self, rows: Rows, case_id: int, level: int, at: datetime) -> None:
        """What came from media and netizens was seen by somebody before it could climb."""
        rows[Visit].append(
            {
                "id": self._id(Visit), "nomination_id": case_id, "level": level, "visited_on": at.date(),
                "visitor_id": self.anybody, "companion": "社区网格员", "witnesses": 3, "is_true": True, "photo_keys": "",
                "report": "走访了三户邻居，说的都一样。", "valid_until": (self.now + timedelta(days=60)).date(), "signed_at": at,
            }
        )  # fmt: skip

    def _person(self, rows: Rows, home: int) -> dict:
        name = self.name()
        person = {
            "id": self._id(Person), "kind": PersonKind.INDIVIDUAL, "name": name, "normal_name": normalised_name(name),
            "sex": self.chance.choice((Sex.FEMALE, Sex.MALE)), "is_minor": self.chance.random() < 0.03,
            "is_deceased": False, "region_id": home, "created_at": self.now,
        }  # fmt: skip
        rows[Person].append(person)
        return person

    def _standing(self, status: Status, level: int, arrived: datetime, line: dict[int, int]) -> dict:
        """The columns that say where the case stands, as the table's CHECKs want them."""
        rule, region = self.rules[level], self.paths[line[level]]
        desk = region
        if level == 1 and region not in self.staff:
            desk = self.paths[line[2]]
        values: dict = {
            "region_id": line[level], "desk_path": desk, "due_at": None, "days_left": None, "taken_by_id": None,
            "taken_at": None, "return_reason": None, "supplement_due_at": None, "decided_at": None,
            "decided_by_id": None, "public_headline": None, "public_story": None, "public_approved_at": None,
            "public_approved_by_id": None,
        }  # fmt: skip
        if status in (Status.SUBMITTED, Status.IN_REVIEW):
            values["due_at"] = self._deadline(arrived, rule.review_days)
        if status is Status.IN_REVIEW:
            values |= {"taken_by_id": self._actor(line, level), "taken_at": arrived}
        if status is Status.RETURNED:
            values |= {"days_left": rule.review_days - 1, "supplement_due_at": arrived + timedelta(days=10)}
        if status in (Status.ELECTED, Status.DECLINED, Status.WITHDRAWN):
            values["decided_at"] = arrived
        return values

    def _deadline(self, arrived: datetime, days: int) -> datetime:
        key = (arrived.replace(hour=0, minute=0, second=0, microsecond=0), days)
        if key not in self.due:
            self.due[key] = calendar.add_working_days(arrived, days)
        return self.due[key]

    def _actor(self, line: dict[int, int], level: int) -> int:
        for step in range(level, 6):
            staff = self.staff.get(self.paths[line[step]]) if step in line else None
            if staff:
                return staff[0]
        return self.anybody

    def _decision(
        self, rows: Rows, case_id: int, number: int, verb: Verb, after: Status, level: int, line: dict[int, int],
        at: datetime, reason: str | None,
    ) -> dict:  # fmt: skip
        row = {
            "id": self._id(Decision), "nomination_id": case_id, "number": number, "verb": verb,
            "before": Status.SUBMITTED, "after": after, "level": level, "region_id": line[level],
            "actor_id": None if verb is Verb.WITHDRAW else self._actor(line, level),
            "elected": verb in (Verb.ENDORSE, Verb.ELECT), "recommended": verb is Verb.ENDORSE, "reason": reason,
            "at": at, "days_used": min(3, self.rules[level].review_days) if verb in (Verb.ENDORSE, Verb.ELECT, Verb.DECLINE) else None,
        }  # fmt: skip
        rows[Decision].append(row)
        return row

    def _honour(
        self, rows: Rows, case_id: int, person: dict, code: str, level: int, line: dict[int, int], at: datetime,
        agrees: bool, headline: str, story: str,
    ) -> int:  # fmt: skip
        is_shown = agrees and not person["is_minor"]
        self.numbers[line[level]] += 1
        honour_id = self._id(Honour)
        rows[Honour].append(
            {
                "id": honour_id, "person_id": person["id"], "nomination_id": case_id,
                "category_id": self.categories[code], "level": level, "region_id": line[level],
                "region_path": self.paths[line[level]], "county_id": line.get(4), "community_id": line.get(2),
                "number": self.numbers[line[level]], "awarded_at": at, "status": HonourStatus.ACTIVE,
                "visibility": Visibility.NAMED if is_shown else Visibility.HIDDEN,
                "shown_name": person["name"] if is_shown else None, "headline": headline if is_shown else None,
                "story": story if is_shown else None, "photo_key": None, "published_at": at if is_shown else None,
                "public_from": at,
            }
        )  # fmt: skip
        return honour_id

    def _consents(self, rows: Rows, person_id: int, at: datetime) -> None:
        for purpose in (Purpose.NAME, Purpose.STORY):
            rows[Consent].append(
                {
                    "id": self._id(Consent), "person_id": person_id, "purpose": purpose, "wording": "2026-11",
                    "method": ConsentMethod.IN_PERSON, "given_at": at, "recorded_by_id": self.anybody,
                }
            )  # fmt: skip

    def _reference(self, created: datetime) -> str:
        month = f"{clock.local(created):%y%m}"
        self.references[month] += 1
        return reference_text(month, self.references[month])

    def _voice(self, rows: Rows, case_id: int, reference: str, at: datetime) -> None:
        # 199 0000: a range in which the demonstration's people telephone with each other only.
        phone = f"1990{self.chance.randint(0, 9_999_999):07d}"
        rows[Voice].append(
            {
                "id": self._id(Voice), "nomination_id": case_id, "name": self.name(), "phone": phone, "email": None,
                "contact_digest": contact_digest(Contact("phone", phone)),
                "tail_digest": tail_digest(reference, phone[-4:]), "relation": self.chance.choice(list(Relation)),
                "words": None, "at": at,
            }
        )  # fmt: skip

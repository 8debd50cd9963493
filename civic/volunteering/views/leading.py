"""The leader's tick list on a phone: who came, who went, who waits; a guest at the table; a wrong tick taken back."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock, listing
from civic.core.db import transaction
from civic.core.errors import DomainError, Invalid
from civic.identity import queries as identity
from civic.identity.permissions import Permission, may, out_of_reach
from civic.identity.rules import contact_from
from civic.volunteering.actions import attendance, cancelling, counting, offers, people, rechecking, signing
from civic.volunteering.forms.events import ReasonForm
from civic.volunteering.forms.taking import ArrangeForm, GuestForm
from civic.volunteering.forms.words import RECHECK_WORDS, ROLE_WORDS
from civic.volunteering.models.attendance import Direction
from civic.volunteering.models.events import Shift
from civic.volunteering.queries import handing, paper, rechecks, shifts
from civic.volunteering.queries import hours as ledger
from civic.volunteering.queries import lists as listed
from civic.volunteering.rules.sheets import PAPER_UNTIL
from civic.volunteering.states import ShiftStatus
from civic.volunteering.views import pages
from civic.web import filters, session
from civic.web.asking import Question, ask
from civic.web.guards import signed_in

Answer = str | Response | tuple[str, int]


@pages.get("/lists")
@signed_in
def lists() -> str:
    """The shifts I lead: what runs or comes first, in the order of the day; then what is over, the latest first."""
    led_shifts = shifts.led_by(session.actor(), limit=listing.ALL if request.args.get("all") else shifts.LED)
    now = clock.now()
    in_order = [s for s in led_shifts if s.ends_at > now] + [s for s in reversed(led_shifts) if s.ends_at <= now]
    return render_template("volunteering/lists.html", shifts=listing.Some(in_order, led_shifts.more), sheets=paper.waiting_among([s.id for s in led_shifts]))


def led(shift_id: int) -> Shift:
    """A shift whose list the viewer keeps; else the same 404 as for none."""
    shift = shifts.shift_by_id(shift_id)
    if shift is None or not attendance.may_lead(session.actor(), shift):
        raise out_of_reach()
    return shift


def shown(shift: Shift, form: GuestForm | None = None, *, problem: str | None = None, arranging: ArrangeForm | None = None) -> str:
    """The list as it stands; what was refused stands on top."""
    form = form or GuestForm(formdata=None)
    lines = listed.list_of(shift.id)
    return render_template(
        "volunteering/list.html", shift=shift, lines=[line for line in lines if line.turn is None], waiting=[line for line in lines if line.turn],
        came=sum(line.came is not None for line in lines), roles=ROLE_WORDS, form=form, problem=problem, now=clock.now(),
        asks=handing.open_from([line.sign_up.id for line in lines]), in_question=rechecks.by_place([line.sign_up.id for line in lines]), in_question_words=RECHECK_WORDS, sheet=paper.last_of(shift.id), arranging=arranging or ArrangeForm(formdata=None),
        may_type=shift.starts_at <= clock.now() <= shift.ends_at + PAPER_UNTIL and shift.status is not ShiftStatus.SETTLED,
        may_run=may(session.actor(), Permission.EVENT_RUN, shift.event.region_path), mine=identity.spoken_for_by(session.actor().person_id),
    )  # fmt: skip


@pages.get("/lists/<int:shift_id>")
@signed_in
def tick_list(shift_id: int) -> str:
    return shown(led(shift_id))


@pages.post("/lists/<int:shift_id>/<deed>/<int:number>")
@signed_in
def tick(shift_id: int, deed: str, number: int) -> Answer:
    """`in`, `out`, `up` (to the head of the line) and `off` (they rang up: given back for them) for a place, `undo` for a punch, `stayed` (to the
    end, without a going) for a draft of hours, `reversal` for final ones."""
    shift = led(shift_id)
    actor = session.actor()
    try:
        with transaction():
            if deed in ("in", "out"):
                attendance.tick(actor, number, Direction(deed))
            elif deed == "undo":
                attendance.undo(actor, number, reason=request.form.get("reason", ""))
            elif deed == "off":
                offers.take_off(actor, number, reason=request.form.get("reason", ""))
            elif deed == "up":
                offers.move_up(actor, number, reason=request.form.get("reason", ""))
            elif deed in ("stayed", "reversal"):
                found = ledger.hours_by_id(number)
                if found is None or found.shift_id != shift_id:
                    raise out_of_reach()
                if deed == "stayed":
                    counting.settle_word(actor, number, stayed=True)
                else:
                    counting.reverse(actor, number, reason=request.form.get("reason", ""))
            else:
                raise out_of_reach()
    except DomainError as error:
        if error.status == 404:
            raise
        return shown(led(shift.id), problem=str(error.sentence)), error.status
    return redirect(url_for("volunteering.tick_list", shift_id=shift_id) + f"#p{number}", 303)


@pages.post("/lists/<int:shift_id>/cancellation")
@signed_in
def call_off(shift_id: int) -> Answer:
    """Rain: the leader calls the shift off where they stand; who came keeps the time so far."""
    shift = led(shift_id)
    form = ReasonForm()
    told: list[cancelling.Told] = []
    if form.carried_out(lambda: told.append(cancelling.cancel_shift(session.actor(), shift_id, reason=form.reason.data or ""))):
        flash(_("这一班不办了，通知了 %(count)s 个人。已经到的，时长记到现在。", count=told[0].people))
        return redirect(url_for("volunteering.tick_list", shift_id=shift_id), 303)
    return shown(led(shift.id), problem=" ".join(words for _id, words in form.problems)), form.status


@pages.post("/lists/<int:shift_id>/questions/<int:number>/removal")
@signed_in
def end_question(shift_id: int, number: int) -> Answer:
    """A rule stands against somebody's place: the leader takes them off, with a reason that they hear."""
    led(shift_id)
    return ask(
        lambda: taking_off(number, shift_id), lambda reason: rechecking.take_off(session.actor(), number, reason=reason),
        done=_("请他（她）退出这一班了，也告诉了为什么。空出来的问候补的人。"), to=url_for("volunteering.tick_list", shift_id=shift_id),
    )  # fmt: skip


def taking_off(number: int, shift_id: int | None = None) -> Question:
    """What happens when somebody is taken off."""
    recheck = rechecks.by_id(number)
    if recheck is None or (shift_id is not None and recheck.sign_up.shift_id != shift_id) or not attendance.may_lead(session.actor(), recheck.sign_up.shift):
        raise out_of_reach()
    row, shift = recheck.sign_up, recheck.sign_up.shift
    words = _("%(name)s：%(day)s %(hour)s 的“%(event)s”，%(post)s。", name=row.person.name, day=filters.day(shift.day), hour=filters.hour(shift.starts_at), event=shift.event.name, post=shift.post.name)
    return Question(
        _("请他（她）退出这一班？"), [words, str(RECHECK_WORDS[recheck.code]), _("原因会告诉本人。空出来的名额马上问候补的人，收不回来。")], _("退出这一班"), _("为什么，本人看得到")
    )


@pages.post("/lists/<int:shift_id>/guest")
@signed_in
def guest(shift_id: int) -> Answer:
    """Somebody without an account stands at the table: signed up and in."""
    shift = led(shift_id)
    form = GuestForm()

    def come() -> None:
        contact = contact_from(form.phone.data)
        if contact.kind != "phone":
            raise Invalid("contact_unclear", _("请写手机号。"), field="phone")
        person = people.guest(session.actor(), name=form.name.data, phone=contact.value, is_of_household=form.is_of_household.data)
        signing.sign_up_at_table(session.actor(), shift.id, person.id)

    if form.carried_out(come):
        flash(_("%(name)s 记上了。", name=form.name.data))
        return redirect(url_for("volunteering.tick_list", shift_id=shift_id), 303)
    return shown(led(shift_id), form), form.status

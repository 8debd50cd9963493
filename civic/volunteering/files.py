"""Documents of volunteering: the certificate, paper for signing and calling, sheets to take away, calendars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from civic.core import clock, sheets, text
from civic.core.pdf import printed, qr
from civic.volunteering.models.attendance import Certificate, Hours
from civic.volunteering.models.events import Event, Shift, SignUp
from civic.volunteering.models.people import TeamMember
from civic.volunteering.queries.lists import Line
from civic.volunteering.states import SignUpStatus

# Headings and widths of the sheets. They leave the house, so they are Chinese whatever the page's language.
ROSTER = (("日期", 12), ("时间", 13), ("活动", 20), ("服务类别", 12), ("岗位", 20), ("做什么", 14), ("姓名", 12), ("志愿者编号", 12), ("手机尾号", 10), ("怎么样了", 12), ("怎么报的", 12))
MEMBERS = (("服务队", 24), ("姓名", 12), ("志愿者编号", 12), ("手机尾号", 10), ("队长", 8), ("从哪天起", 12))
LEDGER = (("日期", 12), ("活动", 24), ("服务类别", 12), ("岗位", 20), ("班次", 12), ("姓名", 12), ("志愿者编号", 12), ("分钟", 8), ("哪一种", 10), ("怎么算的", 22), ("规则从", 12), ("入账", 12))
CERTIFICATES = (("编号", 20), ("姓名", 12), ("从", 12), ("到", 12), ("分钟", 8), ("几笔", 8), ("开出", 12), ("怎么样了", 10), ("撤销原因", 30), ("摘要", 66))
STANDING = {
    "confirmed": "报上了", "waiting": "候补", "offered": "等本人答应", "withdrawn": "退了", "lapsed": "过时了", "cancelled": "不办了", "came": "到了",
    "missed": "没到",
}  # fmt: skip
BASIS = {"self_signup": "自己报的", "team_signup": "服务队报的", "unit_arranged": "单位安排"}


def certificate(found: Certificate, city: str, host: str, base_url: str) -> bytes:
    """志愿服务记录证明, A4: what the platform recorded. Only the recording organisation's stamp makes it a 证明."""
    address = f"{base_url.rstrip('/')}/volunteering/verify/{found.number}"
    return printed(
        "certificate",
        {
            "city": city, "host": host, "number": found.number, "name": found.person.name, "first": _day(found.first), "last": _day(found.last),
            "hours": text.hours(found.minutes), "records": found.records, "digest": found.digest, "issued": _day(clock.local(found.issued_at).date()),
            "address": address, "qr": qr(address), "revoked": found.revoked_for,
        },
    )  # fmt: skip


def sheet(shift: Shift, lines: list[Line], roles: dict) -> bytes:
    """签到表, A4: one line for each who holds a place, and empty ones for who comes besides. Names only, no phone."""
    local = clock.local(shift.starts_at)
    return printed(
        "attendance",
        {
            "event": f"{shift.event.name} {shift.event.subtitle}".strip(), "post": shift.post.name, "role": str(roles[shift.post.role]),
            "team": shift.event.team.name, "day": _day(local.date()), "hours": _hours(shift.starts_at, shift.ends_at),
            "names": [line.sign_up.person.name for line in lines if line.turn is None], "empty": 6,
        },
    )  # fmt: skip


def roster(event: Event, day: object, by_shift: list[tuple[Shift, list[SignUp]]], roles: dict) -> bytes:
    """花名册, A4: who is expected where on a day, with the last four digits to find somebody by."""
    return printed(
        "roster",
        {
            "event": f"{event.name} {event.subtitle}".strip(), "team": event.team.name, "place": event.place, "day": _day(day),
            "emergency": event.emergency_contact or "", "police": event.police_contact or "",
            "shifts": [
                {
                    "hours": _hours(shift.starts_at, shift.ends_at), "post": shift.post.name, "role": str(roles[shift.post.role]),
                    "people": [[row.person.name, _tail(row.person.phone), STANDING[row.status.value]] for row in rows], "most": shift.most,
                }
                for shift, rows in by_shift
            ],
        },
    )  # fmt: skip


def roster_sheet(rows: list[tuple[SignUp, int | None]], roles: dict, mark: str) -> bytes:
    """(place, volunteer number) of the shifts of an event or a team, one line each."""
    return sheets.write(
        "花名册", ROSTER,
        (
            (
                row.shift.day.isoformat(), _hours(row.starts_at, row.ends_at), row.shift.event.name, _kind(row.shift.event),
                row.shift.post.name,
                roles[row.shift.post.role], row.person.name, number, _tail(row.person.phone), STANDING[row.status.value], BASIS[row.basis.value],
            )
            for row, number in rows
        ),
        mark=mark,
    )  # fmt: skip


def members_sheet(team: str, rows: list[tuple[TeamMember, int | None]], mark: str) -> bytes:
    """(member, volunteer number) of a team."""
    return sheets.write(
        "服务队花名册", MEMBERS,
        ((team, m.person.name, number, _tail(m.person.phone), "是" if m.is_leader else "", m.since.isoformat()) for m, number in rows),
        mark=mark,
    )  # fmt: skip


def hours_sheet(rows: list[tuple[Hours, int | None]], words: dict, since: dict, mark: str) -> bytes:
    """(hours, volunteer number), reversing lines with them; `since`: policy id → the day it began."""
    return sheets.write(
        "时长账", LEDGER,
        (
            (
                h.day.isoformat(), h.shift.event.name, _kind(h.shift.event), h.shift.post.name, h.shift.name, h.person.name, number, h.minutes,
                "签到的" if h.kind.value == "verified" else "补记的", words[h.how], since[h.policy_id].isoformat(),
                clock.local(h.final_at).date().isoformat() if h.final_at else "还没入账",
            )
            for h, number in rows
        ),
        mark=mark,
    )  # fmt: skip


def certificates_sheet(rows: list[Certificate], mark: str) -> bytes:
    """The register of certificates."""
    return sheets.write(
        "服务证明登记", CERTIFICATES,
        (
            (
                c.number, c.person.name, c.first.isoformat(), c.last.isoformat(), c.minutes, c.records, clock.local(c.issued_at).date().isoformat(),
                "有效" if c.status.value == "valid" else "已撤销", c.revoked_for, c.digest,
            )
            for c in rows
        ),
        mark=mark,
    )  # fmt: skip


def _kind(event: Event) -> str:
    return event.category.name if event.category is not None else ""


def _tail(phone: str | None) -> str:
    return phone[-4:] if phone else ""


def calendar(sign_ups: Sequence[SignUp], own: int, city: str, host: str) -> bytes:
    """The shifts somebody and their family are in for, as iCalendar: UTC times, a reminder two hours before; of others no names.

    What changes keeps its UID, and says when and how often it changed; what was called off says so for a month.
    """
    import icalendar  # loaded where a calendar is read: most workers never make one

    found = _calendar(f"{city} · 我的班", city)
    for row in sign_ups:
        shift, is_off = row.shift, row.status is SignUpStatus.CANCELLED
        whose = "" if row.person_id == own else f"{row.person.name} · "
        entry = _entry(f"sign-up-{row.id}@{host}", shift, max(shift.changed_at, row.at), shift.revision + row.times - 1)
        entry.add("summary", f"{whose}{shift.event.name} · {shift.post.name}")
        entry.add("location", f"{shift.event.place} {shift.post.name}")
        entry.add("status", "CANCELLED" if is_off else "CONFIRMED")
        if shift.event.emergency_contact:
            entry.add("description", f"有急事找：{shift.event.emergency_contact}")
        if not is_off:
            alarm = icalendar.Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", shift.event.name)
            alarm.add("trigger", timedelta(hours=-2))
            entry.add_component(alarm)
        found.add_component(entry)
    return found.to_ical()


def team_calendar(shifts: Sequence[Shift], touched: Mapping[int, datetime], team: str, host: str) -> bytes:
    """The coming shifts of a team, with how many places are taken; no names. `touched`: shift → when somebody last came or went."""
    found = _calendar(team, team)
    for shift in shifts:
        entry = _entry(f"shift-{shift.id}@{host}", shift, max(shift.changed_at, touched.get(shift.id, shift.changed_at)), shift.revision)
        entry.add("summary", f"{shift.event.name} · {shift.post.name} {shift.taken}/{shift.most}")
        entry.add("location", shift.event.place)
        found.add_component(entry)
    return found.to_ical()


def _calendar(name: str, maker: str) -> Any:
    import icalendar

    found = icalendar.Calendar()
    found.add("prodid", f"-//Civic//{maker}//ZH")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", name)
    return found


def _entry(uid: str, shift: Shift, changed_at: datetime, sequence: int) -> Any:
    import icalendar

    entry = icalendar.Event()
    entry.add("uid", uid)
    entry.add("dtstamp", changed_at.replace(microsecond=0))
    entry.add("last-modified", changed_at.replace(microsecond=0))
    entry.add("sequence", sequence)
    entry.add("dtstart", shift.starts_at)
    entry.add("dtend", shift.ends_at)
    return entry


def _hours(starts_at: datetime, ends_at: datetime) -> str:
    """07:30–09:00; 22:00–次日02:00 for what ends on the next day."""
    begin, end = clock.local(starts_at), clock.local(ends_at)
    return f"{begin:%H:%M}–{'次日' if end.date() > begin.date() else ''}{end:%H:%M}"


def _day(value: object) -> str:
    return f"{value.year}年{value.month}月{value.day}日"  # type: ignore[attr-defined]

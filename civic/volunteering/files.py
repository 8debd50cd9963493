"""Documents of volunteering: the certificate, the sheet for signing on paper, calendars."""

from __future__ import annotations

from datetime import timedelta

from icalendar import Alarm, Calendar
from icalendar import Event as Entry

from civic.core import clock, text
from civic.core.pdf import printed, qr
from civic.volunteering.models.attendance import Certificate
from civic.volunteering.models.events import Shift, SignUp
from civic.volunteering.queries.shifts import Line


def certificate(found: Certificate, city: str, host: str, base_url: str) -> bytes:
    """志愿服务记录证明, A4: what the platform recorded. Only the recording organisation's stamp makes it a 证明."""
    address = f"{base_url.rstrip('/')}/volunteering/verify/{found.number}"
    return printed(
        "certificate",
        {
            "city": city, "host": host, "number": found.number, "name": found.person.name, "first": _day(found.first), "last": _day(found.last),
            "hours": text.hours(found.minutes), "records": found.records, "digest": found.digest, "issued": _day(clock.local(found.issued_at).date()),
            "address": address, "qr": qr(address),
        },
    )  # fmt: skip


def sheet(shift: Shift, lines: list[Line], roles: dict) -> bytes:
    """签到表, A4: one line for each who holds a place, and empty ones for who comes besides. Names only, no phone."""
    local = clock.local(shift.starts_at)
    return printed(
        "attendance",
        {
            "event": f"{shift.event.name} {shift.event.subtitle}".strip(), "post": shift.post.name, "role": str(roles[shift.post.role]),
            "team": shift.event.team.name, "day": _day(local.date()), "hours": f"{local:%H:%M}–{clock.local(shift.ends_at):%H:%M}",
            "names": [line.sign_up.person.name for line in lines if line.turn is None], "empty": 6,
        },
    )  # fmt: skip


def calendar(sign_ups: list[SignUp], city: str, host: str) -> bytes:
    """The shifts somebody is in for, as iCalendar: UTC times, a reminder two hours before; no names of others."""
    found = Calendar()
    found.add("prodid", f"-//Civic//{city}//ZH")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", f"{city} · 我的班")
    for row in sign_ups:
        shift = row.shift
        entry = Entry()
        entry.add("uid", f"sign-up-{row.id}@{host}")
        entry.add("dtstamp", row.at)
        entry.add("dtstart", shift.starts_at)
        entry.add("dtend", shift.ends_at)
        entry.add("summary", f"{shift.event.name} · {shift.post.name}")
        entry.add("location", f"{shift.event.place} {shift.post.name}")
        if shift.event.emergency_contact:
            entry.add("description", f"有急事找：{shift.event.emergency_contact}")
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", shift.event.name)
        alarm.add("trigger", timedelta(hours=-2))
        entry.add_component(alarm)
        found.add_component(entry)
    return found.to_ical()


def team_calendar(shifts: list[Shift], team: str, host: str) -> bytes:
    """The coming shifts of a team, with how many places are taken; no names."""
    found = Calendar()
    found.add("prodid", f"-//Civic//{team}//ZH")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", team)
    for shift in shifts:
        entry = Entry()
        entry.add("uid", f"shift-{shift.id}@{host}")
        entry.add("dtstamp", shift.event.created_at)
        entry.add("dtstart", shift.starts_at)
        entry.add("dtend", shift.ends_at)
        entry.add("summary", f"{shift.event.name} · {shift.post.name} {shift.taken}/{shift.most}")
        entry.add("location", shift.event.place)
        found.add_component(entry)
    return found.to_ical()


def _day(value: object) -> str:
    return f"{value.year}年{value.month}月{value.day}日"  # type: ignore[attr-defined]

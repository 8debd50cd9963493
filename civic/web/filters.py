"""How dates, numbers and names stand on the page: Chinese form, or English where the page is English."""

from __future__ import annotations

from datetime import date, datetime

from flask import Flask
from flask_babel import gettext as _

from civic.core import calendar, clock, text

WEEKDAYS = "一二三四五六日"


def _english() -> bool:
    from civic.web.i18n import language

    return language() == "en"


def day(value: date | datetime) -> str:
    """7月20日; with the year where it is another year."""
    value = clock.local(value).date() if isinstance(value, datetime) else value
    if _english():
        return f"{value:%d %b}" if value.year == clock.today().year else f"{value:%d %b %Y}"
    year = "" if value.year == clock.today().year else f"{value.year}年"
    return f"{year}{value.month}月{value.day}日"


def deed_day(value: date, to_month: bool) -> str:
    """7月20日, or 2026年7月 where only the month is known."""
    if not to_month:
        return day(value)
    return f"{value:%b %Y}" if _english() else f"{value.year}年{value.month}月"


def day_and_weekday(value: date | datetime) -> str:
    """7月20日（周一）."""
    value = clock.local(value).date() if isinstance(value, datetime) else value
    return f"{value:%a} {day(value)}" if _english() else f"{day(value)}（周{WEEKDAYS[value.weekday()]}）"


def moment(value: datetime) -> str:
    """7月16日 9:12."""
    local = clock.local(value)
    return f"{day(value)} {local.hour}:{local:%M}"


def hour(value: datetime) -> str:
    """7:30."""
    local = clock.local(value)
    return f"{local.hour}:{local:%M}"


def hour_after(value: datetime, begin: datetime) -> str:
    """When what began at `begin` ends: 9:00, 24:00 at midnight, 次日2:00 on the next day."""
    local, days = clock.local(value), (clock.local(value).date() - clock.local(begin).date()).days
    if days == 1 and (local.hour, local.minute) == (0, 0):
        return "24:00"
    return _("次日%(hour)s", hour=hour(value)) if days == 1 else hour(value) if days < 1 else moment(value)


def clock_time(value: datetime) -> str:
    """07:30, as an input of time wants it."""
    return f"{clock.local(value):%H:%M}"


def ago(value: datetime) -> str:
    """刚刚, 12 分钟前, 3 小时前, 2 天前."""
    minutes = int((clock.now() - value).total_seconds()) // 60
    if minutes < 1:
        return _("刚刚")
    if minutes < 60:
        return _("%(count)s 分钟前", count=minutes)
    return _("%(count)s 小时前", count=minutes // 60) if minutes < 48 * 60 else _("%(count)s 天前", count=minutes // 1440)


def month(value: date | datetime) -> str:
    """2026年6月."""
    value = clock.local(value).date() if isinstance(value, datetime) else value
    return f"{value:%b %Y}" if _english() else f"{value.year}年{value.month}月"


def number(value: int) -> str:
    """1,046."""
    return f"{value:,}"


LEVEL_NAMES = {1: "楼道", 2: "社区", 3: "街道", 4: "县区", 5: "市"}


def level_name(level: int) -> str:
    """The word on the step: 楼道、社区、街道、县区、市."""
    return {1: _("楼道"), 2: _("社区"), 3: _("街道"), 4: _("县区"), 5: _("市")}[level]


def init(app: Flask) -> None:
    app.jinja_env.globals["is_provisional"] = lambda moment: calendar.is_provisional(clock.local(moment).year)
    app.jinja_env.filters.update(
        ago=ago,
        clock_time=clock_time,
        day=day,
        day_and_weekday=day_and_weekday,
        deed_day=deed_day,
        moment=moment,
        hour=hour,
        hour_after=hour_after,
        hours=text.hours,
        month=month,
        number=number,
        level_name=level_name,
        masked_name=text.masked_name,
        masked_phone=text.masked_phone,
        masked_email=text.masked_email,
    )

"""The menus: which pages stand where, for whom, under which words."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from civic.identity.permissions import Permission
from civic.web import session


@dataclass(frozen=True)
class Entry:
    """One place in a menu. `needs` hides it from those who could not open it."""

    endpoint: str
    words: LazyString
    icon: str
    needs: Permission | None = None


@dataclass(frozen=True)
class Item:
    """An entry as the page draws it."""

    endpoint: str
    href: str
    words: LazyString
    icon: str
    current: bool


MENUS: dict[str, tuple[Entry, ...]] = {
    "main": (
        Entry("pages.home", _l("首页"), "home"),
        Entry("pages.roll", _l("好人榜"), "scroll"),
        Entry("nominations.start", _l("推荐好人"), "plus"),
        Entry("volunteering.coming", _l("志愿活动"), "flag"),
        Entry("pages.track", _l("查进度"), "search"),
        Entry("nominations.notices", _l("公示"), "eye"),
        Entry("pages.rules", _l("规则"), "info"),
    ),
    "tabs": (
        Entry("pages.home", _l("首页"), "home"),
        Entry("pages.roll", _l("好人榜"), "scroll"),
        Entry("nominations.start", _l("推荐"), "plus"),
        Entry("volunteering.coming", _l("活动"), "flag"),
        Entry("pages.me", _l("我的"), "user"),
    ),
    "foot": (
        Entry("nominations.notices", _l("正在公示的名单"), "eye"),
        Entry("nominations.clue", _l("提供一条线索"), "edit"),
        Entry("volunteering.verify", _l("验证服务证明"), "check"),
        Entry("pages.rules", _l("评选规则与时限"), "info"),
        Entry("pages.privacy", _l("个人信息怎么用"), "lock"),
        Entry("pages.accessibility", _l("无障碍说明"), "user"),
        Entry("pages.complain", _l("意见箱"), "edit"),
    ),
    "console": (
        Entry("nominations.desk.queue", _l("待办"), "list", Permission.NOMINATION_READ),
        Entry("nominations.desk.entry", _l("代录"), "edit", Permission.NOMINATION_ENTER),
        Entry("nominations.desk.rounds", _l("评选"), "scroll", Permission.NOMINATION_READ),
        Entry("nominations.desk.clues", _l("线索"), "search", Permission.CLUE_TRIAGE),
        Entry("nominations.desk.objections", _l("异议"), "alert", Permission.OBJECTION_HANDLE),
        Entry("nominations.desk.published", _l("公开"), "eye", Permission.PUBLICATION_EDIT),
        Entry("honours.desk.honours", _l("名册"), "star", Permission.HONOUR_CHANGE),
        Entry("volunteering.desk.events", _l("活动"), "flag", Permission.EVENT_RUN),
        Entry("kiosk.desk.kiosks", _l("签到台"), "qr", Permission.EVENT_RUN),
        Entry("points.desk.counter", _l("兑换"), "gift", Permission.GOODS_RUN),
        Entry("regions.desk.tree", _l("地区"), "home", Permission.REGION_READ),
        Entry("identity.desk.grants", _l("人员"), "user", Permission.GRANT_READ),
        Entry("pages.desk.complaints", _l("意见"), "edit", Permission.COMPLAINT_READ),
        Entry("nominations.desk.rules", _l("规则"), "info", Permission.RULES_EDIT),
        Entry("volunteering.desk.rules", _l("服务规则"), "clock", Permission.RULES_EDIT),
        Entry("audit.desk.records", _l("留痕"), "clock", Permission.AUDIT_READ),
        Entry("outbox.desk.letters", _l("信件"), "phone", Permission.LETTER_READ),
    ),
}


@dataclass(frozen=True)
class Viewer:
    """Who looks, as a page shows it; about desks it asks only where the page does."""

    id: int
    name: str

    @property
    def has_desk(self) -> bool:
        return bool(session.actor().grants)

    @property
    def only_reads(self) -> bool:
        """Whether the desk's pages show them no deed."""
        return session.actor().only_reads

    @property
    def desk(self) -> str | None:
        """The first page of their desk."""
        return desk_href() if self.has_desk else None


def nav_items(place: str) -> list[Item]:
    """The items of one menu for the person who looks."""
    return [
        Item(e.endpoint, url_for(e.endpoint), e.words, e.icon, request.endpoint == e.endpoint)
        for e in MENUS[place]
        if e.needs is None or session.actor().holds(e.needs)
    ]


def desk_href() -> str:
    """The first page of the desk that this person may open."""
    items = nav_items("console")
    return items[0].href if items else url_for("pages.me")

"""The register of honours and the ledger of courtesies as workbooks, and the card of a story to hand on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import current_app

from civic.core import clock, pdf, sheets
from civic.honours.models import Benefit, Honour

STATUS = {"active": "有效", "suspended": "暂停", "revoked": "撤销", "expired": "榜期已满", "taken_back": "办错撤回"}
SHOWN = {"hidden": "不公开", "surname": "只写称呼", "named": "已公开"}
LEVELS = {1: "楼道", 2: "社区", 3: "街道", 4: "县区", 5: "市"}

REGISTER = (
    ("第几号", 10), ("姓名", 12), ("类别", 12), ("哪一级", 8), ("地方", 18), ("哪天", 12), ("怎么称", 10), ("文号", 18), ("现在", 10), ("公开", 10),
    ("在榜到", 12), ("复核到期", 12),
)  # fmt: skip
BENEFITS = (
    ("姓名", 12), ("哪一级好人", 12), ("地方", 18), ("礼遇", 24), ("谁提供", 24), ("从", 12), ("到", 12), ("用了几次", 8), ("都用在", 44), ("停了", 12),
    ("为什么停", 30),
)  # fmt: skip


def register_rows(honours: Iterable[Honour]) -> list[tuple[str, ...]]:
    return [
        (
            f"{h.number:04d}", h.person.name, h.category.name, LEVELS[h.level], h.region.name, f"{clock.local(h.awarded_at):%Y-%m-%d}",
            "表彰" if h.document else "发布", h.document or "", STATUS[h.status.value], SHOWN[h.visibility.value],
            str(h.until or ""), str(h.review_due or ""),
        )
        for h in honours
    ]  # fmt: skip


def register_sheet(honours: Iterable[Honour], mark: str) -> bytes:
    return sheets.write("好人名册", REGISTER, register_rows(honours), mark=mark)


def benefit_rows(benefits: Iterable[Benefit]) -> list[tuple[str, ...]]:
    return [
        (
            b.honour.person.name, LEVELS[b.honour.level], b.honour.region.name, b.name, b.provider, str(b.since), str(b.until or ""),
            str(len(b.uses)), "；".join(f"{u.used_on} {u.words}" for u in b.uses), f"{clock.local(b.ended_at):%Y-%m-%d}" if b.ended_at else "",
            b.ended_why or "",
        )
        for b in benefits
    ]  # fmt: skip


def benefits_sheet(benefits: Iterable[Benefit], mark: str) -> bytes:
    return sheets.write("礼遇台账", BENEFITS, benefit_rows(benefits), mark=mark)


def address_of(honour: Honour) -> str:
    """The whole address of a story page."""
    return f"{current_app.config['BASE_URL'].rstrip('/')}/story/{honour.id}"


def card_of(honour: Honour) -> dict[str, Any]:
    """What the card says: no more than the page it leads to."""
    return {
        "name": honour.shown_name,
        "headline": honour.headline or "",
        "class": honour.category.name,
        "level": f"{LEVELS[honour.level]}好人",
        "place": honour.community.name if honour.community else honour.county.name if honour.county else "",
        "city": current_app.config["CITY_NAME"],
        "address": address_of(honour).split("//")[-1],
        "qr": pdf.qr(address_of(honour)),
    }

"""The four steps of a nomination, as a browser walks them."""

from __future__ import annotations

import re
from io import BytesIO

from sqlalchemy import select

from civic.core.db import db
from civic.honours import queries as roll
from civic.outbox.models import ShownCopy
from tests.support import builders

WHO = {"relation": "neighbour", "nominee_kind": "individual", "nominee_sex": "", "channel": "household"}


def begin(client) -> str:
    """The address of a new draft's steps, without the number at its end."""
    where = client.get("/nominations/start?anew=1").headers["Location"]
    assert where.endswith("/step/1"), where
    return where[:-1]


def step(client, draft: str, n: int, **data):
    kind = {"content_type": "multipart/form-data"} if "photos" in data else {}
    return client.post(f"{draft}{n}", data=data, **kind)


def write(client, town, *, contact="13800004821", name="陈桂兰", photo=None, draft=None, place=None, kind="ZRWL", **changes):
    """The four steps; the last answer."""
    draft = draft or begin(client)
    who = {**WHO, "nominee_name": name, "category": roll.category_by_code(kind).id}
    assert step(client, draft, 1, **who).status_code == 303
    assert step(client, draft, 2, region=(place or town.line[1]).id).status_code == 303
    story = {"headline": "校门口缝补十二年", "story": builders.STORY, "summary": ""}
    if photo is not None:
        assert step(client, draft, 3, **story, photos=[(BytesIO(photo), "a.jpg")], do="upload").status_code == 200
    assert step(client, draft, 3, **story).status_code == 303
    return step(client, draft, 4, **{"nominator_name": "黄素芬", "contact": contact, "truth": "y", **changes})


def code() -> str:
    db.session.rollback()  # look with fresh eyes: SQLite keeps showing what a transaction first saw
    return re.search(r"\d{6}", db.session.scalars(select(ShownCopy).order_by(ShownCopy.id.desc())).first().body)[0]


def prove(client, answer):
    """The code typed at the address where the fourth step led."""
    assert answer.status_code == 303, client.words(answer)
    return client.post(answer.headers["Location"], data={"code": code(), "do": "submit"})

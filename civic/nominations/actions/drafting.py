"""Writing a nomination: the draft and its photographs."""

from __future__ import annotations

import json
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select

from civic.core import clock, crypto, storage
from civic.core.db import db, locked
from civic.core.errors import Invalid, NotFound
from civic.core.images import Picture
from civic.identity.permissions import Actor
from civic.nominations.models.cases import Draft, Photo
from civic.nominations.queries import cases
from civic.nominations.rules import telling


def open_draft(actor: Actor, token: str) -> Draft:
    """The draft of this token, begun now if there is none."""
    draft = cases.draft_by_token(token)
    if draft is None:
        now = clock.now()
        draft = Draft(
            token_digest=crypto.digest("draft", token), user_id=actor.user_id, answers="{}", created_at=now, changed_at=now
        )
        db.session.add(draft)
        db.session.flush()
    return draft


def answers_of(draft: Draft) -> dict[str, Any]:
    """What was typed so far, by field name."""
    return json.loads(draft.answers)


def keep(draft_id: int, answers: dict[str, Any]) -> Draft:
    """Lay the answers over those already kept."""
    draft = _held(draft_id)
    draft.answers = json.dumps({**answers_of(draft), **answers}, ensure_ascii=False)
    draft.changed_at = clock.now()
    return draft


def _held(draft_id: int) -> Draft:
    draft = db.session.scalars(locked(select(Draft).where(Draft.id == draft_id))).first()
    if draft is None:
        raise NotFound("draft_gone", _l("这份草稿已经不在了。请重新开始，不会很久。"))
    return draft


def add_photo(picture: Picture, *, draft_id: int | None = None, nomination_id: int | None = None) -> Photo:
    """Keep a photograph; the same one twice is kept once, and five are enough."""
    mine = Photo.draft_id == draft_id if draft_id is not None else Photo.nomination_id == nomination_id
    if draft_id is not None:
        _held(draft_id)
    known = db.session.scalars(select(Photo).where(mine, Photo.sha256 == picture.sha256)).first()
    if known is not None:
        return known
    count = db.session.scalar(select(func.count()).select_from(Photo).where(mine))
    if count >= telling.PHOTOS_MOST:
        raise Invalid("photos_full", _l("照片最多 5 张，已经够了。想换的话，先去掉一张。"), field="photos")
    photo = Photo(
        draft_id=draft_id,
        nomination_id=nomination_id,
        key=storage.keep(picture.data, "jpg"),
        thumbnail_key=storage.keep(picture.thumbnail, "jpg"),
        sha256=picture.sha256,
        width=picture.width,
        height=picture.height,
        position=count,
        added_at=clock.now(),
    )
    db.session.add(photo)
    db.session.flush()
    return photo


def drop_photo(draft_id: int, photo_id: int) -> tuple[str, str] | None:
    """Take a photograph out of a draft; the keys of the files that may now be removed."""
    photo = db.session.scalars(select(Photo).where(Photo.id == photo_id, Photo.draft_id == draft_id)).first()
    if photo is None:
        return None
    db.session.delete(photo)
    return photo.key, photo.thumbnail_key


def purge_old(limit: int = 200) -> int:
    """Forget drafts that nobody touched for thirty days, with their photographs."""
    old = db.session.scalars(
        select(Draft.id).where(Draft.changed_at < clock.now() - telling.DRAFT_KEPT).order_by(Draft.changed_at).limit(limit)
    ).all()
    for photo in db.session.scalars(select(Photo).where(Photo.draft_id.in_(old))):
        storage.remove(photo.key)
        storage.remove(photo.thumbnail_key)
    db.session.execute(delete(Photo).where(Photo.draft_id.in_(old)))
    db.session.execute(delete(Draft).where(Draft.id.in_(old)))
    return len(old)

"""Writing a nomination: the draft and its photographs."""

from __future__ import annotations

import json
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, delete, func, or_, select

from civic.core import clock, storage
from civic.core.db import db, insert_or_leave, locked
from civic.core.errors import Conflict, Invalid, NotFound, NotNow
from civic.core.images import Picture
from civic.identity.permissions import Actor
from civic.nominations.models.cases import Draft, Photo
from civic.nominations.queries import drafts
from civic.nominations.rules import telling


def answers_of(draft: Draft) -> dict[str, Any]:
    """What was typed so far, by field name. Without an account, who wrote it is forgotten when they have gone."""
    answers: dict[str, Any] = json.loads(draft.answers)
    if draft.user_id is None and drafts.is_older(draft, telling.SHARED_KEPT):
        return {name: value for name, value in answers.items() if name not in telling.OF_THE_WRITER}
    return answers


def keep(actor: Actor, holder: str, key: str, typed: dict[str, Any]) -> Draft:
    """Lay what was typed over what is kept at this address, and begin a draft there where there is none."""
    draft = _mine(actor, holder, key) or _begun(actor, holder, key)
    if draft.submitted_as_id is not None:
        raise Conflict("draft_submitted", _l("这份推荐已经提交过了。想再推荐一位，请重新开始。"))
    answers = json.dumps({**answers_of(draft), **typed}, ensure_ascii=False)
    if len(answers.encode()) > telling.DRAFT_BYTES_MOST:
        raise Invalid("draft_too_long", _l("写得太长了，存不下。请缩短一点，事迹最多 %(most)s 字。", most=telling.STORY_MOST))
    draft.answers, draft.changed_at = answers, clock.now()
    # Whoever signs in meanwhile takes along what this browser held.
    draft.user_id = draft.user_id or actor.user_id
    draft.is_on_shared_device = bool(json.loads(answers).get("is_on_shared_device"))
    return draft


def _mine(actor: Actor, holder: str | None, key: str) -> Draft | None:
    draft = db.session.scalars(locked(select(Draft).where(Draft.key == key))).first()
    if draft is not None and (not drafts.is_of(draft, holder, actor.user_id) or drafts.is_left_behind(draft)):
        raise NotFound("draft_gone", _l("这份草稿已经不在了。请重新开始，不会很久。"))
    return draft


def _begun(actor: Actor, holder: str, key: str) -> Draft:
    if len(drafts.unfinished(holder, actor.user_id)) >= telling.DRAFTS_MOST:
        raise NotNow("drafts_full", _l("您已经有 %(most)s 份没写完的推荐。请先写完一份，或者去掉一份，再写新的。", most=telling.DRAFTS_MOST))
    now = clock.now()
    # The first page sent twice at once begins one draft.
    db.session.execute(
        insert_or_leave(Draft.__table__),
        {
            "key": key, "holder_digest": drafts.holder_digest(holder), "user_id": actor.user_id, "answers": "{}",
            "is_on_shared_device": False, "created_at": now, "changed_at": now,
        },
    )  # fmt: skip
    draft = _mine(actor, holder, key)
    assert draft is not None
    return draft


def _held(draft_id: int) -> Draft:
    draft = db.session.scalars(locked(select(Draft).where(Draft.id == draft_id))).first()
    if draft is None:
        raise NotFound("draft_gone", _l("这份草稿已经不在了。请重新开始，不会很久。"))
    return draft


def remove(actor: Actor, holder: str | None, key: str) -> list[str]:
    """Forget a draft; the keys of its files, which may now be removed."""
    draft = _mine(actor, holder, key)
    if draft is None or draft.submitted_as_id is not None:
        raise NotFound("draft_gone", _l("这份草稿已经不在了。请重新开始，不会很久。"))
    files = [file for photo in drafts.photos_of(draft.id) for file in (photo.key, photo.thumbnail_key)]
    db.session.execute(delete(Photo).where(Photo.draft_id == draft.id))
    db.session.execute(delete(Draft).where(Draft.id == draft.id))
    return files


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
    """Forget drafts that nobody touched for thirty days, with their photographs; those on shared devices much sooner."""
    now = clock.now()
    left_behind = and_(Draft.is_on_shared_device, Draft.submitted_as_id.is_(None), Draft.changed_at < now - telling.SHARED_KEPT)
    old = db.session.scalars(
        select(Draft.id).where(or_(Draft.changed_at < now - telling.DRAFT_KEPT, left_behind)).order_by(Draft.changed_at).limit(limit)
    ).all()
    for photo in db.session.scalars(select(Photo).where(Photo.draft_id.in_(old))):
        storage.remove(photo.key)
        storage.remove(photo.thumbnail_key)
    db.session.execute(delete(Photo).where(Photo.draft_id.in_(old)))
    db.session.execute(delete(Draft).where(Draft.id.in_(old)))
    return len(old)

"""Photographs that prove something (a paper sheet, minutes, a visit): shown small and safe, kept as they came."""

from __future__ import annotations

from flask import Response, request
from werkzeug.datastructures import FileStorage

from civic.core import images, storage


def keep(file: FileStorage) -> str:
    """Keep an upload as evidence, and give its key; Invalid for what is no photograph."""
    picture = images.prepare(file.stream)
    return storage.keep_with_original(picture.data, "jpg", picture.original)


def shown(key: str) -> Response:
    """The photograph for whoever may see it; with `?original=1` the bytes as they came, to be saved and never opened here."""
    file = storage.open_original(key) if request.args.get("original") == "1" else None
    is_original = file is not None
    with file or storage.open_(key) as found:
        answer = Response(found.read(), mimetype="application/octet-stream" if is_original else "image/jpeg")
    if is_original:
        answer.headers["Content-Disposition"] = 'attachment; filename="original"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer

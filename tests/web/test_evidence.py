"""What proves something is shown small and safe, and kept as it came."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from werkzeug.datastructures import FileStorage

from civic.core import storage
from civic.web import evidence

SCAN = Path(__file__).parents[1] / "core" / "cases" / "P3-exif-6.jpg"


def test_the_original_of_a_piece_of_evidence_is_given_out_as_it_came_and_never_opened_in_the_page(app):
    raw = SCAN.read_bytes()
    key = evidence.keep(FileStorage(BytesIO(raw), "scan.jpg"))
    with app.test_request_context("/?original=1"):
        answer = evidence.shown(key)
    assert answer.get_data() == raw
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    with app.test_request_context("/"):
        small = evidence.shown(key)
    assert small.mimetype == "image/jpeg"
    assert b"Exif" not in small.get_data()
    assert "no-store" in small.headers["Cache-Control"]


def test_a_scan_of_before_whose_original_is_gone_is_still_shown(app):
    key = storage.keep(b"\xff\xd8 a picture", "jpg")
    with app.test_request_context("/?original=1"):
        assert evidence.shown(key).get_data() == b"\xff\xd8 a picture"

"""Photographs that were got wrong once: taken, or refused with a sentence that is true."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from civic.core import images, storage
from civic.core.errors import Invalid

CASES = Path(__file__).parent / "cases"
TAKEN = [path.name for path in sorted(CASES.glob("P*")) if path.name not in ("P10-truncated.jpg", "P16-photo.heic")]


def prepared(raw: bytes) -> Image.Image:
    return Image.open(BytesIO(images.prepare(BytesIO(raw)).data))


@pytest.mark.parametrize("name", TAKEN)
def test_a_photograph_of_any_honest_kind_is_taken(name):
    picture = prepared((CASES / name).read_bytes())
    assert (picture.format, picture.mode) == ("JPEG", "RGB")
    assert not picture.getexif()
    # Something is on it: no kind becomes one white or black sheet.
    assert any(most - least > 30 for least, most in picture.getextrema())


def test_a_photograph_that_lost_a_part_is_refused_and_one_that_lost_its_end_is_whole():
    with pytest.raises(Invalid, match="photo_unreadable"):
        images.prepare(BytesIO((CASES / "P10-truncated.jpg").read_bytes()))
    raw = (CASES / "P11-no-eoi.jpg").read_bytes()
    assert prepared(raw).tobytes() == prepared(raw + b"\xff\xd9").tobytes()
    for lost in (20, 200, len(raw) // 2):
        with pytest.raises(Invalid, match="photo_unreadable"):
            images.prepare(BytesIO(raw[:-lost]))


def test_a_phones_own_photograph_is_taken_upright_and_an_empty_one_is_said_to_be_unreadable():
    out = BytesIO()
    pillow_heif.from_pillow(Image.linear_gradient("L").convert("RGB").resize((640, 320))).save(out, quality=80)
    assert out.getvalue()[4:12] == b"ftypheic"
    picture = prepared(out.getvalue())
    assert picture.size == (640, 320)
    assert picture.getpixel((320, 10))[0] < 30 < 220 < picture.getpixel((320, 310))[0]
    with pytest.raises(Invalid, match="photo_unreadable"):
        images.prepare(BytesIO((CASES / "P16-photo.heic").read_bytes()))


def grey(mode: str, most: int) -> bytes:
    """A ramp from black to `most`, with as many bits a channel as the mode has."""
    ramp = Image.new("I", (256, 64))
    ramp.putdata([x * most // 255 for _y in range(64) for x in range(256)])
    out = BytesIO()
    ramp.convert(mode).save(out, "PNG")
    return out.getvalue()


def test_a_scan_of_sixteen_bits_a_channel_keeps_its_greys():
    picture = prepared(grey("I;16", 65535)).convert("L")
    row = [picture.getpixel((x, 32)) for x in (0, 64, 128, 192, 255)]
    assert all(abs(found - wanted) <= 3 for found, wanted in zip(row, (0, 64, 128, 192, 255), strict=True)), row


def test_what_is_no_photograph_is_refused_with_the_kinds_that_are_taken():
    for raw in (b"GIF89a" + b"\0" * 40, b"%PDF-1.7", b"\0\0\0\x18ftypisom" + b"\0" * 40, b"\0\0\0\x18ftypheic" + b"\xff" * 90, b"RIFF\0\0\0\0WEBP"):
        with pytest.raises(Invalid) as refusal:
            images.prepare(BytesIO(raw))
        assert refusal.value.code in ("photo_wrong_kind", "photo_unreadable")
        assert "这不是照片" not in str(refusal.value.sentence)


def test_evidence_keeps_the_bytes_as_they_came(tmp_path):
    storage.configure(tmp_path)
    raw = (CASES / "P2-rgba16.png").read_bytes()
    picture = images.prepare(BytesIO(raw))
    key = storage.keep_with_original(picture.data, "jpg", picture.original)
    with storage.open_original(key) as file:
        assert file.read() == raw
    assert storage.open_original(storage.keep(b"only shown", "jpg")) is None
    storage.remove(key)
    assert not list(tmp_path.rglob("*.original"))

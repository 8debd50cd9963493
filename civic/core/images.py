"""Photographs made safe: read by what they are, not what they are called; smaller; without EXIF and place."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO

from flask import g, has_request_context
from flask_babel import lazy_gettext as _l
from PIL import Image, ImageOps, UnidentifiedImageError

from civic.core.errors import Invalid

LIMIT_BYTES = 10 * 1024 * 1024
LIMIT_PIXELS = 60_000_000
# What cannot be read at a reduced size has to be unpacked whole: a megabyte may hold half a gigabyte of it.
MOST_PIXELS = {"HEIF": 50_000_000, "AVIF": 50_000_000, "PNG": 24_000_000, "WEBP": 24_000_000}
# All pictures of one request together, by what a pixel of each kind costs.
REQUEST_PIXELS = 120_000_000
COST = {"JPEG": 0.25, "HEIF": 1.0, "AVIF": 1.0}
COST_UNPACKED = 3.0
BAND = 512
LARGEST_SIDE = 1600
THUMBNAIL_SIDE = 480
KINDS = ["JPEG", "PNG", "WEBP", "AVIF"]
# What a file of a phone's own kind says of itself, after the length of its first box.
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
UNREADABLE = _l("这张照片打不开，换一张，或者直接拍一张。")
_END_OF_JPEG = b"\xff\xd9"


@dataclass(frozen=True)
class Picture:
    """A photograph ready to keep: JPEG bytes in two sizes; `original` is what came in, `sha256` its digest."""

    data: bytes
    thumbnail: bytes
    width: int
    height: int
    sha256: str
    original: bytes


def prepare(stream: BinaryIO) -> Picture:
    """Make an upload safe and small; Invalid with a sentence for everything that is no honest photograph."""
    raw = stream.read(LIMIT_BYTES + 1)
    if len(raw) > LIMIT_BYTES:
        raise Invalid("photo_too_large", _l("这张照片超过 10 MB 了，换一张小一点的，或者直接拍一张。"), field="photos")
    try:
        picture = _decoded(_with_its_end(raw))
    except UnidentifiedImageError:
        if _is_heic(raw):
            raise Invalid("photo_unreadable", UNREADABLE, field="photos") from None
        raise Invalid("photo_wrong_kind", _l("这不是我们能打开的照片。请传 JPG、PNG、WebP、HEIC 或 AVIF 的照片。"), field="photos") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Invalid("photo_too_many_pixels", _l("这张照片尺寸太大了，换一张，或者直接拍一张。"), field="photos") from None
    except (OSError, ValueError, SyntaxError, EOFError):
        raise Invalid("photo_unreadable", UNREADABLE, field="photos") from None
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
    small = picture.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    return Picture(_jpeg(picture), _jpeg(small), picture.width, picture.height, sha256(raw).hexdigest(), raw)


def _is_heic(raw: bytes) -> bool:
    return raw[4:8] == b"ftyp" and raw[8:12] in HEIC_BRANDS


def _decoded(raw: bytes) -> Image.Image:
    """The pixels of a photograph, upright; nothing is unpacked before its header said how large it is."""
    kinds = KINDS
    if _is_heic(raw):
        import pillow_heif  # loaded for a phone's own photographs only

        pillow_heif.register_heif_opener(thumbnails=False)
        kinds = ["HEIF"]
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(BytesIO(raw), formats=kinds) as image:
            _demand_bounded(image)
            if image.format == "JPEG":
                image.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))
            return _plain(ImageOps.exif_transpose(_reduced(image)))


def _demand_bounded(image: Image.Image) -> None:
    """Refuse by the header alone what would cost too much, by itself or with the others of the same request."""
    kind, pixels = image.format or "", image.width * image.height
    if pixels > MOST_PIXELS.get(kind, LIMIT_PIXELS):
        raise Image.DecompressionBombError
    if has_request_context():
        g.pixels = g.get("pixels", 0.0) + pixels * COST.get(kind, COST_UNPACKED)
        if g.pixels > REQUEST_PIXELS:
            raise Image.DecompressionBombError


def _reduced(image: Image.Image) -> Image.Image:
    """A large picture at a fraction of its size, before anything makes another copy of all of it."""
    factor = max(image.size) // LARGEST_SIDE
    if factor < 2:
        return image
    if image.mode in ("L", "LA", "RGB", "RGBA"):
        return image.reduce(factor)
    if image.mode not in ("1", "P", "PA"):
        return image
    whole = Image.new("RGBA", (-(-image.width // factor), -(-image.height // factor)))
    rows = BAND * factor
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(top + rows, image.height))).convert("RGBA").reduce(factor)
        whole.paste(band, (0, top // factor))
    whole.info = dict(image.info)
    whole.info.pop("transparency", None)
    return whole


def _with_its_end(raw: bytes) -> bytes:
    """A JPEG whose last two bytes were lost gets them back, as browsers do; one that lost a part of its picture does not.

    What follows a whole picture changes nothing of it: so two different endings tell the one from the other.
    """
    if not raw.startswith(b"\xff\xd8") or _END_OF_JPEG in raw[-4096:]:
        return raw
    one, other = (_decoded_small(raw + filler * 64 + _END_OF_JPEG) for filler in (b"\x55\xaa", b"\x0f\x3c"))
    return raw + _END_OF_JPEG if one is not None and one == other else raw


def _decoded_small(raw: bytes) -> bytes | None:
    try:
        with Image.open(BytesIO(raw), formats=["JPEG"]) as image:
            if image.width * image.height > LIMIT_PIXELS:
                return None
            image.draft("L", (THUMBNAIL_SIDE, THUMBNAIL_SIDE))
            return image.convert("L").tobytes()
    except (OSError, ValueError, SyntaxError, EOFError):
        return None


def _plain(image: Image.Image) -> Image.Image:
    """Pixels only, on white where they were transparent: what is not copied (EXIF, GPS, ICC, text) is gone."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        return ground
    if image.mode.startswith("I") or image.mode == "F":
        # More than eight bits a channel: converting would cut everything bright to white.
        return _in_eight_bits(image).convert("RGB")
    return image.convert("RGB")


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """The same greys in 256 steps: of 65,536 where there are more than 256, else as they are."""
    _least, most = image.getextrema()
    plain = image.convert("F")
    return plain.point(lambda grey: grey * (255 / 65535)).convert("L") if float(most) > 255 else plain.convert("L")


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.info.clear()
    image.save(out, "JPEG", quality=82, optimize=True, progressive=True)
    return out.getvalue()


def blank_sheet() -> bytes:
    """A white A4 page as JPEG: what stands for a photographed paper where there is none, in the demonstration."""
    sheet = BytesIO()
    Image.new("L", (620, 877), 250).save(sheet, "JPEG", quality=60)
    return sheet.getvalue()

"""Photographs made safe: read by what they are, not what they are called; smaller; without EXIF and place."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO

from flask_babel import lazy_gettext as _l
from PIL import Image, ImageOps, UnidentifiedImageError

from civic.core.errors import Invalid

LIMIT_BYTES = 10 * 1024 * 1024
LIMIT_PIXELS = 60_000_000
LARGEST_SIDE = 1600
THUMBNAIL_SIDE = 480
KINDS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True)
class Picture:
    """A photograph ready to keep: JPEG bytes in two sizes; `sha256` is of the bytes that came in."""

    data: bytes
    thumbnail: bytes
    width: int
    height: int
    sha256: str


def prepare(stream: BinaryIO) -> Picture:
    """Make an upload safe and small; Invalid with a sentence for everything that is no honest photograph."""
    raw = stream.read(LIMIT_BYTES + 1)
    if len(raw) > LIMIT_BYTES:
        raise Invalid("photo_too_large", _l("这张照片超过 10 MB 了，换一张小一点的，或者直接拍一张。"), field="photos")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(raw), formats=KINDS) as image:
                # The header is enough to see a bomb; nothing has been unpacked yet.
                if image.width * image.height > LIMIT_PIXELS:
                    raise Image.DecompressionBombError
                if image.format == "JPEG":
                    image.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))
                picture = _plain(ImageOps.exif_transpose(image))
    except UnidentifiedImageError:
        raise Invalid("photo_wrong_kind", _l("这不是照片。请传 JPG、PNG 或 WebP 的照片。"), field="photos") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Invalid("photo_too_many_pixels", _l("这张照片尺寸太大了，换一张，或者直接拍一张。"), field="photos") from None
    except (OSError, ValueError, SyntaxError, EOFError):
        raise Invalid("photo_unreadable", _l("这张照片打不开，换一张，或者直接拍一张。"), field="photos") from None
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
    small = picture.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    return Picture(_jpeg(picture), _jpeg(small), picture.width, picture.height, sha256(raw).hexdigest())


def _plain(image: Image.Image) -> Image.Image:
    """Pixels only, on white where they were transparent: what is not copied (EXIF, GPS, ICC, text) is gone."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        return ground
    return image.convert("RGB")


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

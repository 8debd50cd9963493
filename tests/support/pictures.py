"""Photographs for tests: an honest one with a place in its EXIF, and dishonest ones."""

from __future__ import annotations

from io import BytesIO

from PIL import Image


def jpeg_with_place(size: tuple[int, int] = (2400, 1800)) -> bytes:
    """A JPEG with GPS coordinates."""
    exif = Image.Exif()
    exif[0x0110] = "Phone of somebody"
    exif.get_ifd(0x8825)[2] = (32.0, 54.0, 0.0)
    out = BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(out, "JPEG", exif=exif, quality=70)
    return out.getvalue()


def bomb() -> bytes:
    """A small PNG that unpacks to far more pixels than anybody photographs."""
    out = BytesIO()
    Image.new("1", (20000, 20000)).save(out, "PNG")
    return out.getvalue()

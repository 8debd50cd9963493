"""Pictures cost no more than they may: a small file that is huge inside is refused by its header, or read in pieces."""

from __future__ import annotations

from io import BytesIO
from time import perf_counter

import pytest
from flask import Flask
from PIL import Image

from civic.core import images
from civic.core.errors import Invalid


def packed(mode: str, size: tuple[int, int], kind: str = "PNG", colour: object = 0) -> BytesIO:
    out = BytesIO()
    Image.new(mode, size, colour).save(out, kind)
    out.seek(0)
    return out


@pytest.mark.parametrize(("mode", "kind"), [("P", "PNG"), ("RGBA", "PNG"), ("RGB", "WEBP"), ("1", "PNG")])
def test_what_has_to_be_unpacked_whole_is_refused_by_its_header(mode, kind):
    bomb = packed(mode, (7000, 5000), kind)
    assert len(bomb.getvalue()) < 1_000_000
    began = perf_counter()
    with pytest.raises(Invalid) as refused:
        images.prepare(bomb)
    assert refused.value.code == "photo_too_many_pixels"
    assert perf_counter() - began < 0.5


def test_many_in_one_request_share_one_measure():
    app = Flask(__name__)
    sizes = [(3000, 2000)] * 6
    with app.test_request_context():
        for size in sizes:
            images.prepare(packed("RGB", size))
        with pytest.raises(Invalid, match="photo_too_many_pixels"):
            images.prepare(packed("RGB", (3000, 2000)))
    with app.test_request_context():
        images.prepare(packed("RGB", (3000, 2000)))


def test_nine_photographs_of_a_phone_fit():
    app = Flask(__name__)
    photo = packed("RGB", (4000, 3000), "JPEG").getvalue()
    with app.test_request_context():
        for _ in range(9):
            assert images.prepare(BytesIO(photo)).width == 1600


def test_a_large_drawing_is_read_in_bands_and_is_the_same():
    large = Image.new("P", (4800, 3600), 0)
    large.putpalette([255, 255, 255, 200, 20, 20])
    large.paste(1, (0, 0, 4800, 1800))
    out = BytesIO()
    large.save(out, "PNG")
    picture = images.prepare(BytesIO(out.getvalue()))
    made = Image.open(BytesIO(picture.data))
    assert made.size == (1600, 1200)
    assert made.getpixel((800, 300))[0] > 180 > made.getpixel((800, 300))[1]
    assert min(made.getpixel((800, 900))) > 240


def test_what_is_seen_through_stands_on_white():
    out = BytesIO()
    Image.new("RGBA", (4000, 3000), (10, 10, 10, 0)).save(out, "PNG")
    made = Image.open(BytesIO(images.prepare(BytesIO(out.getvalue())).data))
    assert min(made.getpixel((5, 5))) > 250

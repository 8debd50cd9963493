"""A photograph of more than 10 MB: made smaller on the phone, in a real browser; without scripts it is refused and nothing is lost."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db
from civic.nominations.models.cases import Photo
from tests.support import builders
from tests.support.nominating import WHO, begin, step

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Noise does not compress: some 13 MB of JPEG, as a new phone takes them."""
    import os

    path = tmp_path_factory.mktemp("photo") / "large.jpg"
    Image.frombytes("RGB", (3800, 2850), os.urandom(3800 * 2850 * 3)).save(path, "JPEG", quality=95)
    assert path.stat().st_size > 10 * 1024 * 1024
    return path


def test_a_large_photograph_is_made_smaller_on_the_phone(app, live, browser, large):
    builders.city()
    clock.release()
    page = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN").new_page()
    page.goto(f"{live}/nominations/start")
    page.fill("#nominee_name", "陈桂兰")
    page.check("input[value='neighbour']")
    page.check("input[name='category'] >> nth=0")
    page.click(".form__bar .btn--main")
    for place in ("汀南区", "桥东街道", "梧桐里社区"):
        page.click(f".pick a:text-is('{place}')")
    page.check("text=3栋2单元")
    page.click(".form__bar .btn--main")
    page.wait_for_selector("text=会先在手机上缩小再传")
    page.fill("#story", "写了一半的话，传照片的时候不能丢。")
    page.set_input_files("#photo-files", str(large))
    page.wait_for_selector(".shot img", timeout=30_000)
    assert page.input_value("#story") == "写了一半的话，传照片的时候不能丢。"
    db.session.rollback()
    photo = db.session.scalars(select(Photo)).one()
    assert (photo.width, photo.height) == (1600, 1200)


def test_without_scripts_a_large_photograph_is_refused_and_the_draft_is_kept(app, client, large):
    town = builders.city()
    draft = begin(client)
    from civic.honours import queries as roll

    step(client, draft, 1, **WHO, nominee_name="陈桂兰", category=roll.category_by_code("ZRWL").id)
    step(client, draft, 2, region=town.line[1].id)
    assert "每张照片不超过 10 MB" in client.get(f"{draft}3").text
    answer = step(client, draft, 3, headline="缝补十二年", story="写了一半的话", photos=[(BytesIO(large.read_bytes()), "a.jpg")], do="upload")
    assert answer.status_code == 422
    assert "超过 10 MB" in answer.text
    assert "写了一半的话" in client.get(f"{draft}3").text

"""The core: sealing, working days, photographs, paging, limits, words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select
from sqlalchemy import text as sql

from civic.core import calendar, clock, crypto, images, limits, paging, sheets, storage, text
from civic.core.db import db, transaction
from civic.core.errors import Invalid, TooMany
from tests.support.pictures import bomb, jpeg_with_place


@given(st.text(), st.text(min_size=1, max_size=20))
def test_sealed_text_opens_for_its_purpose_only(plain, purpose):
    crypto.configure(crypto.new_key("a"))
    sealed = crypto.encrypt(purpose, plain)
    assert crypto.decrypt(purpose, sealed) == plain
    assert crypto.encrypt(purpose, plain) != sealed
    with pytest.raises(crypto.Unreadable):
        crypto.decrypt(purpose + "x", sealed)


def test_a_new_key_in_front_keeps_old_values_and_digests():
    old, new = crypto.new_key("old"), crypto.new_key("new")
    crypto.configure(old)
    sealed, mark = crypto.encrypt("p", "13800000000"), crypto.digest("p", "13800000000")
    crypto.configure(f"{new},{old}")
    assert crypto.decrypt("p", sealed) == "13800000000"
    assert crypto.digest("p", "13800000000") == mark
    assert crypto.encrypt("p", "x").startswith("new.")


# The State Council's arrangements of 2025 and 2026.
@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2025, 1, 26), True), (date(2025, 1, 28), False), (date(2025, 2, 8), True), (date(2025, 10, 8), False),
        (date(2025, 9, 28), True), (date(2025, 10, 11), True), (date(2026, 1, 2), False), (date(2026, 1, 4), True),
        (date(2026, 2, 14), True), (date(2026, 2, 15), False), (date(2026, 2, 23), False), (date(2026, 2, 24), True),
        (date(2026, 10, 7), False), (date(2026, 10, 10), True), (date(2026, 7, 18), False), (date(2026, 7, 20), True),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("app")
def test_working_days_are_the_published_ones(day, works):
    assert calendar.is_working_day(day) is works


@pytest.mark.usefixtures("app")
def test_a_transaction_inside_another_is_refused_and_undoes_nothing():
    with transaction():
        db.session.add(calendar.CalendarDay(day=date(2026, 7, 20), is_working=False, name="台风"))
        with pytest.raises(RuntimeError), transaction():
            pass
    with pytest.raises(ZeroDivisionError), transaction():
        1 // 0  # noqa: B018
    with transaction():
        assert db.session.scalars(select(calendar.CalendarDay.name)).one() == "台风"


@pytest.mark.usefixtures("app")
def test_the_citys_own_table_goes_first():
    with transaction():
        db.session.add(calendar.CalendarDay(day=date(2026, 7, 20), is_working=False, name="台风"))
    calendar.forget()
    assert not calendar.is_working_day(date(2026, 7, 20))
    start = datetime(2026, 7, 17, 1, tzinfo=UTC)
    assert calendar.add_working_days(start, 1) == datetime(2026, 7, 21, 10, tzinfo=UTC)


def test_a_year_without_published_holidays_is_provisional():
    assert not calendar.is_provisional(2026)
    assert calendar.is_provisional(2027)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("days", range(1, 30))
def test_a_deadline_is_as_many_working_days_away_as_asked(days):
    due = calendar.add_working_days(clock.now(), days)
    assert calendar.working_days_between(clock.now(), due) == days
    assert calendar.working_days_left(due, due + timedelta(days=1)) < 0


def test_a_photograph_is_smaller_and_forgets_where_it_was_taken():
    raw = jpeg_with_place()
    assert Image.open(BytesIO(raw)).getexif().get_ifd(0x8825)
    picture = images.prepare(BytesIO(raw))
    found = Image.open(BytesIO(picture.data))
    assert (max(found.size), found.format, dict(found.getexif())) == (1600, "JPEG", {})
    assert max(Image.open(BytesIO(picture.thumbnail)).size) == 480


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"%PDF-1.7 not a photo", "photo_wrong_kind"),
        (b"", "photo_wrong_kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo_wrong_kind"),
        (jpeg_with_place((400, 300))[:2000], "photo_unreadable"),
        (b"\xff" * (10 * 1024 * 1024 + 1), "photo_too_large"),
        (bomb(), "photo_too_many_pixels"),
    ],
)
def test_files_that_lie_are_refused_with_a_sentence(raw, code):
    with pytest.raises(Invalid, match=code):
        images.prepare(BytesIO(raw))


def test_storage_gives_back_what_it_was_given_and_nothing_else(tmp_path):
    storage.configure(tmp_path)
    key = storage.keep(b"picture", "jpg")
    with storage.open_(key) as file:
        assert file.read() == b"picture"
    for wrong in ("../../etc/passwd", "ab/../cd", key + "x", "/etc/passwd"):
        with pytest.raises(FileNotFoundError):
            storage.open_(wrong)
    storage.remove(key)
    storage.remove(key)


@given(st.datetimes(timezones=st.just(UTC)), st.integers(0, 2**40))
def test_a_cursor_comes_back_as_it_was(moment, number):
    assert paging.values_of(paging.cursor(moment, number), (datetime, int)) == (moment, number)


@given(st.text())
def test_a_made_up_cursor_is_the_first_page(word):
    found = paging.values_of(word, (datetime, int))
    assert found is None or isinstance(found[0], datetime)


@pytest.mark.usefixtures("app")
def test_tries_are_counted_in_a_sliding_window(time):
    for _ in range(3):
        with transaction():
            limits.spend("door", "somebody", allowed=3, per=timedelta(minutes=10))
        time.advance(timedelta(minutes=2))
    with transaction(), pytest.raises(TooMany) as refusal:
        limits.spend("door", "somebody", allowed=3, per=timedelta(minutes=10))
    assert 0 < refusal.value.facts["wait"] <= 241
    time.advance(timedelta(minutes=5))
    with transaction():
        limits.spend("door", "somebody", allowed=3, per=timedelta(minutes=10))
    assert db.session.scalar(sql("SELECT count(*) FROM attempt WHERE key_digest LIKE '%somebody%'")) == 0


@pytest.mark.parametrize(
    ("name", "masked", "form"),
    [("陈桂兰", "陈＊兰", "陈女士"), ("冯强", "冯＊", "冯女士"), ("欧阳修文", "欧阳＊文", "欧阳女士"), ("尉迟恭", "尉迟＊", "尉迟女士"), ("呼延灼华", "呼延＊华", "呼延女士"), ("", "", "")],
)
def test_names_are_masked(name, masked, form):
    assert text.masked_name(name) == masked
    assert text.surname_form(name, "female") == form


@pytest.mark.parametrize(
    ("called", "form"),
    [("校门口的阿姨", "校＊姨"), ("买买提·阿迪力", "买＊力"), ("阿迪力·买买提", "阿＊提"), ("老李", "老＊"), ("蓝天救援队", "蓝＊队"), ("欧阳", "欧＊"), ("司马", "司＊"), ("Li Lei", "L＊i")],
)
def test_nobody_is_given_a_surname_that_cannot_be_told(called, form):
    assert text.surname_form(called, "female") == form


def test_a_group_is_called_by_its_name():
    assert text.surname_form("蓝天救援队", None, is_group=True) == "蓝天救援队"


@given(st.text(min_size=3, max_size=8, alphabet="陈桂兰王小明"))
def test_a_masked_name_never_holds_the_whole(name):
    assert name not in text.masked_name(name)


def test_sheets_keep_formulas_as_words():
    raw = sheets.write("表", [("甲", 10)], [["=1+1"], ["+86 138"], ["0012"]])
    assert [line.cells[0].words for line in sheets.read(BytesIO(raw), ("甲",), needed=1)] == ["=1+1", "+86 138", "0012"]
    with pytest.raises(Invalid, match="sheet_unreadable"):
        list(sheets.read(BytesIO(b"not a sheet"), ("甲",), needed=1))

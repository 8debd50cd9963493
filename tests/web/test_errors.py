"""What people see when something is wrong on our side."""

from __future__ import annotations

import json

import pytest
from structlog.testing import capture_logs

from civic.app import create_app
from tests.conftest import KEYS
from tests.support.engines import free_port
from tests.support.keys import SECRET_KEY


def test_without_a_database_pages_say_so_and_machines_hear_a_code(tmp_path):
    nobody_there = f"postgresql+psycopg://postgres@127.0.0.1:{free_port()}/none"
    app = create_app({"SECRET_KEY": SECRET_KEY, "DATA_KEYS": KEYS, "SQLALCHEMY_DATABASE_URI": nobody_there, "UPLOAD_FOLDER": str(tmp_path)})
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = "somebody"
    page = client.get("/me")
    assert page.status_code == 503
    assert "数据库正在重启" in page.text
    assert "<h1>" in page.text
    answer = client.get("/api/kiosk/v1/roster", headers={"Authorization": "Bearer x"})
    assert (answer.status_code, answer.json["code"]) == (503, "no_database")

ABOUT, ADDRESS = "pages.privacy", "/privacy"


@pytest.fixture
def broken(app, monkeypatch):
    """The application with a page and an API that fail, answering as it does when nobody tests."""
    def fails(**_about):
        raise RuntimeError("陈桂兰的电话是 13900001234")

    fails.access = "anyone"
    for endpoint in (ABOUT, "pages.live"):
        assert endpoint in app.view_functions
        monkeypatch.setitem(app.view_functions, endpoint, fails)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    return app.test_client()


@pytest.mark.parametrize("path", [ADDRESS, "/health/live"])
def test_a_failure_of_ours_is_said_plainly_and_shows_nothing_of_itself(broken, path):
    answer = broken.get(path)
    assert answer.status_code == 500
    for word in ("陈桂兰", "13900001234", "RuntimeError", "Traceback"):
        assert word not in answer.text
    if path.startswith("/health"):
        assert answer.json["code"] == "http_500"
    else:
        assert "<h1>" in answer.text
        assert "我们这边出了点问题" in answer.text


def test_the_log_of_a_failure_says_where_it_was_and_repeats_no_words(broken):
    with capture_logs() as lines:
        broken.get(f"{ADDRESS}?name=陈桂兰")
    line = next(line for line in lines if line["event"] == "broken")
    assert (line["error"], line["endpoint"], line["log_level"]) == ("RuntimeError", ABOUT, "error")
    assert any("fails" in place for place in line["at"])
    assert "陈桂兰" not in json.dumps(lines, ensure_ascii=False)

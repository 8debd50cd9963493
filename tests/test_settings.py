"""Settings are read as their kind says; what does not fit, or is easy to guess, does not start and says why in one sentence."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from civic import settings
from civic.app import ROOT, create_app
from civic.core import clock, crypto, storage
from civic.core.db import db
from civic.demo import queries as demonstration
from civic.settings import NotReady
from tests.support import builders
from tests.support.keys import DATA_KEYS, SECRET_KEY

KEYS = {"CIVIC_SECRET_KEY": SECRET_KEY, "CIVIC_DATA_KEYS": DATA_KEYS}


def read(tmp_path, **environ):
    return settings.read(tmp_path, {f"CIVIC_{name}": value for name, value in environ.items()}, {})


def refusal(tmp_path, **environ):
    with pytest.raises(NotReady) as caught:
        read(tmp_path, **environ)
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize("said", ["False", "false", "no", "off", "0", "NO", " ", ""])
def test_a_no_is_a_no(tmp_path, said):
    assert read(tmp_path, DEMO=said)["DEMO"] is False


@pytest.mark.parametrize("said", ["1", "true", "True", "yes", "on"])
def test_a_yes_is_a_yes(tmp_path, said):
    assert read(tmp_path, DEMO=said)["DEMO"] is True


@pytest.mark.parametrize(("name", "value"), [
    ("DEMO", "maybe"), ("DEMO", "2"), ("SECRET_KEY", "x"), ("SECRET_KEY", "1" * 50), ("SECRET_KEY", "12345678901234567890123456789012"),
    ("SECRET_KEY", "changeme" * 6), ("DATA_KEYS", "k1:" + "A" * 43 + "="), ("DATA_KEYS", "k1"), ("DATA_KEYS", "k1:short"), ("DATA_KEYS", "k.1:" + DATA_KEYS[3:]),
    ("DATA_KEYS", f"{DATA_KEYS},{DATA_KEYS}"), ("TRUSTED_PROXIES", "-1"), ("TRUSTED_PROXIES", "two"), ("MAIL_PORT", "70000"), ("MAIL_TIMEOUT", "0"),
    ("BASE_URL", "haoren.example.cn"), ("BASE_URL", "ftp://haoren.cn"), ("TIMEZONE", "Mars/Olympus"), ("TIMEZONE", "../../etc/passwd"),
    ("SQLALCHEMY_DATABASE_URI", "mysql://root:geheim@db/civic"), ("MAIL_SENDER", "smpt"), ("MAIL_DEFAULT_SENDER", "nobody"), ("CITY_NAME", "  "),
    ("SQLALCHEMY_ENGINE_OPTIONS", "[]"), ("SESSION_COOKIE_SAMESITE", "None"), ("MAX_CONTENT_LENGTH", "1e9"), ("CODE_SENDER", "page"), ("MAIL_SENDER", "page"),
    ("WTF_CSRF_ENABLED", "no"), ("ARGON2_CHEAP", "1"), ("TESTING", "yes"),
])  # fmt: skip
def test_what_does_not_fit_is_refused_with_the_settings_name(tmp_path, name, value):
    sentence = refusal(tmp_path, **{name: value})
    assert f"CIVIC_{name}" in sentence
    assert "geheim" not in sentence


def test_a_misspelled_setting_is_refused_and_the_right_name_guessed(tmp_path):
    assert "Did you mean CIVIC_BASE_URL?" in refusal(tmp_path, BASE_ULR="https://haoren.cn")


def test_variables_of_the_tests_set_nothing(tmp_path):
    assert read(tmp_path, TEST_ENGINE="sqlite", REQUIRE_BROWSER="1", EXAMPLES="9") == read(tmp_path)


def test_every_default_is_one_that_its_own_check_takes(tmp_path):
    for setting in settings.TABLE:
        assert setting.default is None or setting.read(setting.default) == setting.default, setting.name
        assert setting.says
    assert len(settings.NAMES) == len(settings.TABLE)


def test_a_secret_of_digits_and_letters_stays_a_text_and_numbers_become_numbers(tmp_path):
    found = read(tmp_path, SECRET_KEY=SECRET_KEY, HOTLINE="12345", MAIL_PORT="587", MAIL_USE_TLS="yes", SESSION_COOKIE_SECURE="off")
    assert (found["HOTLINE"], found["MAIL_PORT"], found["MAIL_USE_TLS"], found["SESSION_COOKIE_SECURE"]) == ("12345", 587, True, False)


def test_the_file_is_checked_like_the_environment_and_gives_way_to_it(tmp_path):
    (tmp_path / "settings.cfg").write_text('CITY_NAME = "云汀市"\nDEMO = "no"\nMAIL_PORT = 2525\n', encoding="utf-8")
    found = read(tmp_path, MAIL_PORT="26")
    assert (found["CITY_NAME"], found["DEMO"], found["MAIL_PORT"]) == ("云汀市", False, 26)
    (tmp_path / "settings.cfg").write_text("MAIL_PROT = 25\n", encoding="utf-8")
    assert "Did you mean CIVIC_MAIL_PORT?" in refusal(tmp_path)


@pytest.mark.parametrize(("address", "starts"), [
    ("http://127.0.0.1:8000", True), ("http://localhost:8000", True), ("http://192.168.3.4", True), ("http://[::1]:8000", True), ("http://buero-pc:8000", True),
    ("https://haoren.example.cn", False), ("http://8.8.8.8", False), ("https://demo.haoren.gov.cn", False),
])  # fmt: skip
def test_a_demonstration_does_not_start_on_a_public_address(tmp_path, address, starts):
    if starts:
        assert read(tmp_path, DEMO="1", BASE_URL=address)["DEMO"]
    else:
        assert "public address" in refusal(tmp_path, DEMO="1", BASE_URL=address)


def test_a_demonstration_answers_nobody_who_calls_it_by_a_public_name(app, client, monkeypatch):
    monkeypatch.setitem(app.config, "DEMO", True)
    for host, status in (("localhost", 200), ("192.168.3.4:8000", 200), ("haoren.gov.cn", 403), ("8.8.8.8:80", 403)):
        assert client.get("/demo/accounts", headers={"Host": host}).status_code == status


def test_a_demonstration_is_told_from_a_city(app):
    assert demonstration.is_demonstration(), "an empty database may become one"
    builders.city()
    assert not demonstration.is_demonstration()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A checkout of its own, whose demonstration was started with `deploy/run`: its settings lie in instance/."""
    root = tmp_path_factory.mktemp("checkout")
    for name in ("civic", "templates", "static", "migrations", "wsgi.py"):
        (root / name).symlink_to(ROOT / name)
    (root / "instance").mkdir()
    env = {"CIVIC_DEMO": "1", "CIVIC_SQLALCHEMY_DATABASE_URI": f"sqlite:///{root / 'instance/shown.db'}"}
    (root / "instance/demonstration.env").write_text("\n".join(f"{name}={value}" for name, value in env.items()) + "\n")
    return root, env


def test_commands_in_the_checkout_of_a_demonstration_need_no_variables(checkout):
    root, _env = checkout
    script = "import os, sys; sys.path.insert(0, '.'); import civic.app as a; a.ROOT = __import__('pathlib').Path('.').resolve();" \
             "app = a.create_app(); print(app.config['DEMO'], app.config['SQLALCHEMY_DATABASE_URI'])"  # fmt: skip
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CIVIC_")}
    for by_hand, outcome in (("true", 0), ("false", 1)):
        answer = subprocess.run(
            [sys.executable, "-c", script], cwd=root, env={**clean, "FLASK_RUN_FROM_CLI": by_hand}, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert (answer.returncode != 0) == bool(outcome), answer.stderr
        if outcome:
            # A server is never a demonstration because of a file that somebody left.
            assert "CIVIC_SECRET_KEY" in answer.stderr
        else:
            assert answer.stdout.split() == ["True", f"sqlite:///{root / 'instance/shown.db'}"]


def test_a_demonstration_over_a_citys_database_does_not_start(tmp_path):
    url = f"sqlite:///{tmp_path / 'city.db'}"
    real = {"SECRET_KEY": SECRET_KEY, "DATA_KEYS": crypto.new_key(), "SQLALCHEMY_DATABASE_URI": url, "UPLOAD_FOLDER": str(tmp_path / "up")}
    app = create_app(real)
    with app.app_context():
        db.create_all()
        clock.freeze(clock.now())
        builders.city()
        db.session.remove()
        db.engine.dispose()
    with pytest.raises(NotReady, match="not a demonstration"):
        create_app({**real, "DEMO": True})
    with pytest.raises(NotReady, match="does not answer"):
        create_app({**real, "DEMO": True, "SQLALCHEMY_DATABASE_URI": "postgresql+psycopg://postgres@127.0.0.1:1/none"})


def open_to_others(root: Path):
    return [str(path) for path in [root, *root.rglob("*")] if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_files_folders_and_the_database_are_readable_for_nobody_else(tmp_path):
    home = tmp_path / "instance"
    before = os.umask(0)
    try:
        url = f"sqlite:///{home / 'civic.db'}"
        app = create_app({"SECRET_KEY": SECRET_KEY, "DATA_KEYS": DATA_KEYS, "SQLALCHEMY_DATABASE_URI": url, "UPLOAD_FOLDER": str(home / "uploads")})
        with app.app_context():
            db.create_all()
            made = tmp_path / "made.pdf"
            made.write_bytes(b"%PDF")
            keys = [storage.keep(b"picture", "jpg"), storage.keep_file(made, "pdf")]
            assert {path.suffix for path in home.iterdir()} >= {".db"}
            assert all(storage.is_kept(key) for key in keys)
            assert any(path.name.endswith("-wal") for path in home.iterdir())
            assert open_to_others(home) == []
            db.session.remove()
            db.engine.dispose()
        # What an older version left open is shut at the next start.
        (home / "civic.db").chmod(0o644)
        home.chmod(0o755)
        create_app({"SECRET_KEY": SECRET_KEY, "DATA_KEYS": DATA_KEYS, "SQLALCHEMY_DATABASE_URI": url, "UPLOAD_FOLDER": str(home / "uploads")})
        assert not stat.S_IMODE((home / "civic.db").stat().st_mode) & 0o077
    finally:
        os.umask(before)


def test_what_people_wrote_stands_in_no_failure_of_the_database(app):
    twice = text("INSERT INTO job_run (key) VALUES (:key), (:key)")
    with db.engine.connect() as connection, pytest.raises(IntegrityError) as caught:
        connection.execute(twice, {"key": "陈桂兰的电话"})
    assert "陈桂兰" not in str(caught.value).split("DETAIL")[0]
    assert "hidden" in str(caught.value)


def test_sqlite_is_the_default_and_lies_in_the_instance(monkeypatch):
    monkeypatch.setattr(settings, "read", lambda _i, _e, given: {**{s.name: s.default for s in settings.TABLE}, **given})
    app = create_app({"SECRET_KEY": SECRET_KEY, "DATA_KEYS": DATA_KEYS})
    assert app.config["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{ROOT / 'instance/civic.db'}"
    assert create_engine(app.config["SQLALCHEMY_DATABASE_URI"]).dialect.name == "sqlite"

"""Every command of `flask` does what it says: each is run here at least once, and one that is not here fails the last test."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update

from civic.audit.models import AuditRecord
from civic.core.db import db, transaction
from civic.identity import queries as identity
from civic.identity.models import Grant
from civic.identity.rules import Contact
from civic.outbox.models import Message, MessageStatus
from civic.points.models import Balance
from civic.regions.models import Region
from tests.support import builders

REAL = Path(__file__).parents[2] / "shared" / "data"
RUN: set[str] = set()
# Flask's own and its extensions'.
NOT_OURS = {"run", "shell", "routes", "db", "openapi"}

CITIES = 'code,name,provinceCode\n3499,"云汀市",34\n'
AREAS = 'code,name,cityCode,provinceCode\n349901,"汀南区",3499,34\n'
STREETS = 'code,name,areaCode,provinceCode,cityCode\n349901001,"桥东街道",349901,34,3499\n'
VILLAGES = 'code,name,streetCode,provinceCode,cityCode,areaCode\n349901001001,"梧桐里社区",349901001,34,3499,349901\n'


@pytest.fixture
def flask(app):
    """Run a command; what it printed. `ends` is the code it has to end with."""

    def run(*words: str, ends: int = 0) -> str:
        RUN.add(" ".join(words[:2]) if words[0] in app.cli.commands and hasattr(app.cli.commands[words[0]], "commands") else words[0])
        db.session.rollback()
        answer = app.test_cli_runner().invoke(args=list(words))
        assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
        assert answer.exit_code == ends, answer.output
        db.session.rollback()
        db.session.expire_all()
        return answer.output

    return run


@pytest.fixture
def division(tmp_path):
    """Division files of a small city."""
    paths = []
    for name, words in (("cities", CITIES), ("areas", AREAS), ("streets", STREETS), ("villages", VILLAGES)):
        paths.append(tmp_path / f"{name}.csv")
        paths[-1].write_text(words, encoding="utf-8")
    return [str(path) for path in paths]


def test_a_city_is_prepared_once(flask):
    assert "都有了" in flask("city", "prepare")
    tables = ("category", "level_rule", "hours_policy", "point_tariff")
    counts = [db.session.scalar(text(f"SELECT count(*) FROM {name}")) for name in tables]
    assert all(counts)
    flask("city", "prepare", "--since", "2021-01-01")
    assert counts == [db.session.scalar(text(f"SELECT count(*) FROM {name}")) for name in tables]


def test_settings_are_listed_without_their_secrets(flask, app):
    said = flask("city", "settings")
    assert "CIVIC_CITY_NAME\t云汀市" in said
    assert "CIVIC_SECRET_KEY\tset" in said
    assert app.config["SECRET_KEY"] not in said
    assert app.config["DATA_KEYS"].split(":")[1] not in said


def test_places_are_loaded_again_and_again(flask, division):
    assert "新增 1" in flask("regions", "load", *division)
    assert "没有变化 4" in flask("regions", "load", *division)
    assert db.session.scalar(select(func.count()).select_from(Region)) == 4


def test_a_bad_file_of_places_ends_with_one_and_loads_nothing(flask, tmp_path):
    (tmp_path / "bad.csv").write_text(CITIES.replace("3499", "34x9"), encoding="utf-8")
    assert "什么都没有装入" in flask("regions", "load", str(tmp_path / "bad.csv"), ends=1)
    assert db.session.scalar(select(func.count()).select_from(Region)) == 0
    flask("regions", "load", str(tmp_path / "nowhere.csv"), ends=2)


@pytest.mark.skipif(not REAL.exists(), reason="the published division files do not lie beside this checkout")
@pytest.mark.parametrize(("city", "root"), [("bengbu", None), ("bairin", "150422")])
def test_published_files_of_real_places_are_loaded(flask, city, root):
    sources = sorted(str(path) for path in REAL.glob(f"{city}-*.csv"))
    said = flask("regions", "load", *sources, *(["--root", root] if root else []))
    rows = sum(len(Path(source).read_text(encoding="utf-8").strip().splitlines()) - 1 for source in sources)
    assert db.session.scalar(select(func.count()).select_from(Region)) == rows
    assert "新增" in said
    assert f"没有变化 {rows}" in flask("regions", "load", *sources, *(["--root", root] if root else []))


def test_the_sheet_of_stairwells_is_written_filled_in_and_taken_in(flask, division, tmp_path):
    from openpyxl import load_workbook

    flask("regions", "load", *division)
    sheet = tmp_path / "stairwells.xlsx"
    flask("regions", "template", str(sheet))
    book = load_workbook(sheet)
    page = book.active
    assert page["A2"].value == "349901001001"
    page["B2"], page["C2"] = "3栋2单元", 24
    book.save(sheet)
    before = db.session.scalar(select(func.count()).select_from(Region))
    dry = flask("regions", "import", str(sheet), "--dry-run")
    assert "新增 1" in dry
    assert db.session.scalar(select(func.count()).select_from(Region)) == before
    flask("regions", "import", str(sheet))
    leaf = db.session.scalars(select(Region).where(Region.level == 1)).one()
    assert (leaf.name, leaf.parent.name) == ("3栋2单元", "梧桐里社区")
    (tmp_path / "no.xlsx").write_bytes(b"not a sheet")
    flask("regions", "import", str(tmp_path / "no.xlsx"), ends=1)


def test_somebody_is_appointed_and_gets_a_password_once(flask):
    builders.city(staffed=False)
    said = flask("identity", "appoint", "13900000000", "city_admin", "--region", "云汀市", "--name", "童玉梅")
    assert "新账号的密码" in said
    grant = db.session.scalars(select(Grant)).one()
    assert (grant.role.value, grant.level, grant.user.person.name) == ("city_admin", 5, "童玉梅")
    assert "新账号的密码" not in flask("identity", "appoint", "13900000000", "auditor", "--region", "云汀市/汀南区")
    assert "没有这个地方" in flask("identity", "appoint", "13900000000", "auditor", "--region", "火星", ends=1)
    assert "没有这个账号" in flask("identity", "appoint", "13900000001", "auditor", "--region", "云汀市", ends=1)
    flask("identity", "appoint", "13900000000", "king", "--region", "云汀市", ends=2)


def test_a_password_is_set(flask, client):
    with transaction():
        builders.account(phone="13900000000")
    client.sign_in("13900000000", builders.PASSWORD)
    assert client.get("/me").status_code == 200
    assert "改好了" in flask("identity", "set-password", "13900000000", "--password", "haoren-ceshi-9")
    assert client.get("/me").status_code == 302, "whoever was signed in is so no longer"
    client.sign_in("13900000000", "haoren-ceshi-9")
    assert client.get("/me").status_code == 200
    flask("identity", "set-password", "13900000009", "--password", "haoren-ceshi-9", ends=1)
    flask("identity", "set-password", "13900000000", "--password", "1", ends=1)


def test_the_chain_is_sealed_and_verified_and_a_change_is_found(flask):
    builders.voice(builders.city().line[1])
    assert "0 sealed" in flask("audit", "verify")
    assert "records sealed" in flask("audit", "seal")
    assert "0 not yet sealed, 0 breaks" in flask("audit", "verify")
    first = select(func.min(AuditRecord.id)).scalar_subquery()
    with db.engine.begin() as connection:
        connection.execute(update(AuditRecord).where(AuditRecord.id == first).values(verb="nomination.elect"))
    assert "1 breaks" in flask("audit", "verify", ends=1)


def test_the_ledger_is_verified_and_a_balance_by_hand_is_found(flask):
    zebra = builders.crossing()
    assert "账目一致" in flask("points", "verify")
    person = identity.actor_of(zebra.leader).person_id
    with db.engine.begin() as connection:
        connection.execute(Balance.__table__.insert().values(person_id=person, points=7))
    said = flask("points", "verify", ends=1)
    assert str(person) in said


def test_every_proof_is_run_at_once_and_what_does_not_hold_is_named(flask):
    zebra = builders.crossing()
    assert "都对得上" in flask("verify")
    person = identity.actor_of(zebra.leader).person_id
    with db.engine.begin() as connection:
        connection.execute(Balance.__table__.insert().values(person_id=person, points=7))
    lines = flask("verify", ends=1).splitlines()
    assert lines
    assert all(line.startswith("points: ") for line in lines)


def test_letters_are_listed_delivered_and_tried_again(flask, smtp, time):
    builders.voice(builders.city().line[1], contact=Contact("email", "huang@civic.example"))
    smtp.answers["huang@civic.example"] = "550 no such user"
    assert "1 letters came to an end" in flask("outbox", "deliver")
    message = db.session.scalars(select(Message)).one()
    listed = flask("outbox", "list", "--failed")
    assert listed.split("\t") == [str(message.id), "received", "failed", "bounced_550\n"]
    assert "huang" not in listed
    smtp.answers.clear()
    assert "tried at once" in flask("outbox", "retry", str(message.id))
    assert "0 letters" not in flask("outbox", "deliver")
    assert db.session.scalars(select(Message.status)).one() is MessageStatus.SENT
    flask("outbox", "retry", str(message.id), ends=1)
    assert flask("outbox", "list", "--failed") == ""


def test_the_worker_does_its_round_and_ends(flask, monkeypatch):
    builders.voice(builders.city().line[1])
    flask("worker", "--once")
    assert db.session.scalar(select(func.count()).where(AuditRecord.seal.is_not(None))) > 0
    from civic import worker
    from civic.core.jobs import Job

    monkeypatch.setattr(worker, "all_jobs", lambda: iter([Job("breaks", worker.timedelta(seconds=1), lambda: 1 // 0)]))
    assert "1 jobs failed" in flask("worker", "--once", ends=1)


def test_a_demonstration_is_loaded_only_where_it_is_one(flask, app, monkeypatch):
    assert "不是演示" in flask("demo", "load", ends=1)
    assert flask("demo", "accounts") == ""
    monkeypatch.setitem(app.config, "DEMO", True)
    assert "云汀市" in flask("demo", "load", "--nominations", "20")
    assert flask("demo", "load", "--if-empty") == ""
    assert "city-admin@demo.example" in flask("demo", "accounts")
    assert '"login"' in flask("demo", "accounts", "--json")


def test_every_command_was_run(app, request):
    """The last: a command that nobody runs is a command that nobody knows to work."""
    ours = set()
    for name, command in app.cli.commands.items():
        inner = getattr(command, "commands", None)
        ours |= {f"{name} {part}" for part in inner} if inner else {name}
    ours = {name for name in ours if name.split()[0] not in NOT_OURS}
    names = {item.function.__name__ for item in request.session.items if item.fspath == request.fspath}
    if len(names) < 14:
        pytest.skip("not all tests of this file were asked for")
    assert not ours - RUN, f"write a test that runs {sorted(ours - RUN)}"

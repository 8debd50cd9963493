"""What somebody takes along is whole: every table that holds something of a person stands in it, and nobody else's name."""

from __future__ import annotations

import json

import pytest

from civic.core.db import db, transaction
from civic.identity import queries as identity
from civic.identity.models import User
from civic.pages import files
from civic.pages.views.export import FIELDS, WORDS
from tests.laws.test_leaving import pointing
from tests.pages.test_leaving import everything  # noqa: F401
from tests.support import builders

pytestmark = pytest.mark.usefixtures("app")

# Where what a table holds of its person stands in the export: (feature, kind).
SHOWN = {
    ("board_name", "person_id"): ("volunteering", "boards"),
    ("certificate", "person_id"): ("volunteering", "certificates"),
    ("consent", "person_id"): ("identity", "consents"),
    ("council_member", "person_id"): ("nominations", "council_seats"),
    ("deputy", "user_id"): ("identity", "deputies"),
    ("deputy", "deputy_id"): ("identity", "deputies"),
    ("errand", "asked_by_id"): ("errands", "errands"),
    ("grant", "user_id"): ("identity", "roles"),
    ("hand_over", "to_person_id"): ("volunteering", "hand_overs"),
    ("honour", "person_id"): ("honours", "honours"),
    ("hours", "person_id"): ("volunteering", "hours"),
    ("juror", "user_id"): ("nominations", "jury_turns"),
    ("juror", "person_id"): ("nominations", "jury_turns"),
    ("kinship", "person_id"): ("identity", "relatives"),
    ("kinship", "kin_id"): ("identity", "relatives"),
    ("letter_choice", "user_id"): ("identity", "letter_choice"),
    ("member_card", "person_id"): ("kiosk", "cards"),
    ("name_correction", "person_id"): ("identity", "name_corrections"),
    ("birth_correction", "person_id"): ("identity", "birthday_corrections"),
    ("nomination", "nominee_id"): ("nominations", "nominations_of_me"),
    ("nomination_draft", "user_id"): ("nominations", "drafts"),
    ("nomination_voice", "user_id"): ("nominations", "nominations"),
    ("point_entry", "person_id"): ("points", "points"),
    ("point_lot", "person_id"): ("points", "points_left"),
    ("point_shortfall", "person_id"): ("points", "points_owed"),
    ("qualification", "person_id"): ("volunteering", "qualifications"),
    ("redemption", "person_id"): ("points", "exchanges"),
    ("saved_filter", "user_id"): ("nominations", "filters"),
    ("sign_in", "user_id"): ("identity", "sign_ins"),
    ("sign_up", "person_id"): ("volunteering", "shifts"),
    ("team_member", "person_id"): ("volunteering", "teams"),
    ("user", "person_id"): ("identity", "account"),
    ("volunteer", "person_id"): ("volunteering", "volunteer"),
    ("volunteer", "guardian_id"): ("volunteering", "family"),
}
# What somebody did as staff or for others is the house's record, and stands in `records`.
DONE = ("by_id", "actor_id", "clerk_id", "visitor_id", "investigator_id", "organiser_id", "stands_for_id", "by_user_id")
BESIDES = {
    ("nomination_look", "user_id"): "when a case was read, for the marks of what is new",
    ("person", "same_as_id"): "another row of the same human being, which only the desks know",
    ("point_balance", "person_id"): "the sum of the ledger, which is shown line by line",
}


def test_every_table_that_holds_something_of_a_person_stands_in_the_export():
    said = set(SHOWN) | set(BESIDES)
    open_ = {(t, c) for t, c in pointing() if (t, c) not in said and not c.endswith(DONE)}
    assert not open_, f"let the feature's own_data show it, or say here why not: {sorted(open_)}"
    assert said <= pointing()


def test_everything_that_hangs_on_somebody_is_in_what_they_take_along(everything):  # noqa: F811
    _county, _crossing, user_id, person_id = everything
    found = files.everything_of(db.session.get(User, user_id))
    for (table, column), (feature, kind) in SHOWN.items():
        target = next(iter(db.metadata.tables[table].c[column].foreign_keys)).column.table.name
        kept = db.session.execute(db.text(f'SELECT count(*) FROM "{table}" WHERE "{column}" = {user_id if target == "user" else person_id}')).scalar_one()
        assert not kept or found[feature][kind], f"{table}.{column} is kept and not shown"
    assert {kind for kinds in found.values() for kind in kinds} == set(WORDS)
    names = {name for kinds in found.values() for rows in kinds.values() for row in rows for name in row}
    assert names <= set(FIELDS), names - set(FIELDS)
    assert found["letters"]["letters"]
    assert any(not row["by_me"] for row in found["records"]["records"]) or found["records"]["records"]


def test_nobody_elses_name_or_number_leaves_with_it(everything, client):  # noqa: F811
    _county, _crossing, user_id, _person_id = everything
    own = db.session.get(User, user_id)
    phone, mine = own.phone, own.person.name
    others = [(u.person.name, u.phone) for u in db.session.query(User).filter(User.id != user_id) if u.person.name != mine]
    client.sign_in(phone)
    answer = client.get("/identity/export")
    assert answer.headers["Cache-Control"] == "private, no-store"
    whole = json.dumps(answer.json, ensure_ascii=False) + client.words(client.get("/identity/data"))
    for name, number in others:
        assert name not in whole
        assert number is None or number not in whole
    for hidden in ("小宝", "推荐的人", "被接手的人", "排队的人"):
        assert hidden not in whole
    assert mine in whole
    assert phone in whole


def test_a_fresh_account_reads_what_is_kept_and_what_is_not(client):
    with transaction():
        builders.account(name="黄素芬", email="huang@civic.example")
    client.sign_in("huang@civic.example")
    page = client.words(client.get("/identity/data"))
    assert "黄素芬" in page
    assert "没有记的" in page
    assert identity.own_data(db.session.query(User).one())["account"][0]["name"] == "黄素芬"

"""Every column that points to a person or an account says what happens to it when the account closes.

A new table fails here until somebody has decided. GONE and ENDED are proved row by row in tests/pages/test_leaving.py.
"""

from __future__ import annotations

import ast
from pathlib import Path

from civic.core.db import db

# No row of theirs is left.
GONE = {
    ("board_name", "person_id"), ("errand", "asked_by_id"), ("letter_choice", "user_id"), ("nomination_draft", "user_id"), ("nomination_look", "user_id"),
    ("saved_filter", "user_id"), ("volunteer", "guardian_id"), ("nomination", "taken_by_id"), ("objection", "investigator_id"),
}  # fmt: skip
# The row stays, and says that it is over: the condition in SQL that holds of each of theirs.
ENDED = {
    ("council_member", "person_id"): "ended_at IS NOT NULL",
    ("deputy", "user_id"): "ended_at IS NOT NULL",
    ("deputy", "deputy_id"): "ended_at IS NOT NULL",
    ("grant", "user_id"): "ended_at IS NOT NULL",
    ("hand_over", "to_person_id"): "status <> 'asked'",
    ("juror", "user_id"): "status IN ('declined', 'replaced')",
    ("juror", "person_id"): "status IN ('declined', 'replaced')",
    ("kinship", "person_id"): "ended_at IS NOT NULL",
    ("kinship", "kin_id"): "ended_at IS NOT NULL",
    ("member_card", "person_id"): "revoked_at IS NOT NULL",
    ("nomination_voice", "user_id"): "forgotten_at IS NOT NULL",
    ("pairing", "opened_by_id"): "used_at IS NOT NULL OR expires_at <= '{now}'",
    ("redemption", "person_id"): "status <> 'held'",
    ("sign_in", "user_id"): "ended_at IS NOT NULL",
    ("sign_up", "person_id"): "status NOT IN ('confirmed', 'offered', 'waiting')",
    ("team_member", "person_id"): "until IS NOT NULL AND NOT is_leader",
    ("user", "person_id"): "closed_at IS NOT NULL AND phone IS NULL AND email IS NULL AND password_hash IS NULL",
    ("volunteer", "person_id"): "calendar_key IS NULL AND free_times IS NULL",
}
# What somebody did, decided or was given: the record of it stays as it is.
KEPT = {
    ("attestation", "requested_by_id"), ("attestation", "decided_by_id"), ("audit_record", "actor_id"), ("benefit", "given_by_id"),
    ("benefit_use", "recorded_by_id"), ("birth_correction", "person_id"), ("birth_correction", "by_id"), ("certificate", "person_id"), ("clue", "closed_by_id"), ("complaint", "answered_by_id"), ("consent", "person_id"),
    ("consent", "recorded_by_id"), ("consent", "withdrawn_by_id"), ("council_meeting", "opened_by_id"), ("council_meeting", "closed_by_id"),
    ("council_member", "named_by_id"), ("council_recusal", "by_id"), ("council_paper_entry", "clerk_id"), ("deputy", "ended_by_id"), ("event", "organiser_id"),
    ("flag_look", "by_user_id"), ("grant", "granted_by_id"), ("grant", "ended_by_id"), ("hand_over", "asked_by_id"), ("honour", "person_id"),
    ("honour_change", "actor_id"), ("honour_review", "actor_id"), ("hours", "person_id"), ("hours", "confirmed_by_id"), ("jury", "drawn_by_id"),
    ("jury", "closed_by_id"), ("kiosk", "created_by_id"), ("kiosk", "revoked_by_id"), ("likeness", "answered_by_id"), ("member_card", "issued_by_id"),
    ("member_card", "revoked_by_id"), ("name_correction", "person_id"), ("name_correction", "by_id"), ("nomination", "nominee_id"),
    ("nomination", "decided_by_id"), ("nomination", "protected_by_id"), ("nomination", "public_approved_by_id"), ("nomination_decision", "actor_id"),
    ("nomination_decision", "undone_by_id"), ("nomination_decision", "stands_for_id"), ("nomination_guardian", "recorded_by_id"),
    ("nomination_mentioned", "recorded_by_id"), ("nomination_voice", "entered_by_id"), ("nominee_facts", "recorded_by_id"), ("notice", "published_by_id"),
    ("opinion_request", "asked_by_id"), ("paper_sheet", "typed_by_id"), ("paper_sheet", "checked_by_id"), ("person", "same_as_id"),
    ("point_balance", "person_id"), ("point_entry", "person_id"), ("point_entry", "actor_id"), ("point_lot", "person_id"), ("point_shortfall", "person_id"),
    ("point_shortfall", "decided_by_id"), ("punch", "recorded_by_id"), ("qualification", "person_id"), ("qualification", "given_by_id"), ("qualification", "revoked_by_id"),
    ("recheck", "ended_by_id"), ("redemption", "handed_by_id"), ("round", "opened_by_id"), ("round", "closed_by_id"),
    ("scan", "decided_by_id"), ("second_look", "answered_by_id"), ("sign_up", "by_user_id"), ("sign_up_step", "actor_id"), ("visit", "visitor_id"),
}  # fmt: skip


def pointing() -> set[tuple[str, str]]:
    """(table, column) of everything that points to a person or an account."""
    return {
        (table.name, column.name)
        for table in db.metadata.tables.values()
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name in ("user", "person")
    }


def test_every_column_that_points_to_a_person_says_what_happens_when_they_leave(whole_app):
    said = [GONE, set(ENDED), KEPT]
    assert sum(map(len, said)) == len(set().union(*said)), "a column stands on two lists"
    known, real = set().union(*said), pointing()
    assert real <= known, f"say in this file what closing an account does to these, and do it in pages/actions/leaving.py: {sorted(real - known)}"
    assert known <= real, f"these are no more: {sorted(known - real)}"


def test_accounts_and_roles_end_through_the_one_module_that_ends_all_that_hangs_on_them():
    """`accounts.close` and `grants.end` alone leave shifts taken, cases in hand and links alive."""
    strays = []
    for path in Path("civic").rglob("*.py"):
        if path.as_posix() in ("civic/pages/actions/leaving.py", "civic/identity/actions/accounts.py", "civic/identity/actions/grants.py"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {a.asname or a.name: a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module == "civic.identity.actions" for a in n.names}
        for node in ast.walk(tree):
            called = (names.get(node.value.id), node.attr) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) else None
            if called in {("accounts", "close"), ("grants", "end"), ("grants", "end_all")}:
                strays.append(f"{path}:{node.lineno}")
    assert not strays, f"call civic.pages.actions.leaving instead: {strays}"

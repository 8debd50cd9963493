"""Every route says who may open it, and holds it: walked over the whole map."""

from __future__ import annotations

import pytest
from flask import Flask

from civic.core.db import transaction
from civic.identity.permissions import Permission, Role
from civic.web.guards import ANYONE, DEMO_ONLY, DEVICE, KEYLESS
from civic.web.nav import MENUS
from tests.support import builders

FILL = {"n": 1, "deed": "taking", "purpose": "register", "reference": "Y0000-00000", "token": "1.x", "key": "x", "name": "x", "filename": "x"}


def routes(app: Flask):
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        yield rule, getattr(app.view_functions[rule.endpoint], "access", None)


def address(app: Flask, rule) -> str:
    with app.test_request_context():
        from flask import url_for

        return url_for(rule.endpoint, **{a: FILL.get(a, 1) for a in rule.arguments})


def test_every_route_declares_its_access(whole_app):
    bare = [rule.endpoint for rule, access in routes(whole_app) if access is None]
    assert not bare, f"mark these views with @anyone, @signed_in, @needs(…), @demo_only, @device or @keyless: {bare}"


def test_strangers_are_sent_to_sign_in(app, client):
    for rule, access in routes(app):
        if access in (ANYONE, DEMO_ONLY, DEVICE, KEYLESS):
            continue
        where = address(app, rule)
        answer = client.get(where) if "GET" in rule.methods else client.post(where)
        assert answer.status_code in (302, 303), f"{where}: {answer.status_code}"
        assert "/identity/sign_in" in answer.headers["Location"], where


def test_a_device_without_its_key_is_told_so_in_json_and_nothing_else_asks_for_one(app, client):
    with transaction():
        builders.account(email="resident@civic.example")
    client.sign_in("resident@civic.example")
    seen = 0
    for rule, access in routes(app):
        assert (access in (DEVICE, KEYLESS)) == rule.rule.startswith("/api/kiosk/"), rule.rule
        if access != DEVICE:
            continue
        for key in ("", "Bearer", "Bearer x", "Basic eDp4"):
            answer = client.open(address(app, rule), method=(rule.methods - {"HEAD", "OPTIONS"}).pop(), headers={"Authorization": key}, content_type="application/json", data="{}")
            assert (answer.status_code, answer.json["code"]) == (401, "unknown_kiosk"), rule.rule
            assert "Set-Cookie" not in answer.headers
        seen += 1
    assert seen >= 3


def test_a_resident_is_refused_what_needs_a_permission(app, client):
    with transaction():
        builders.account(email="resident@civic.example")
    client.sign_in("resident@civic.example")
    for rule, access in routes(app):
        if not isinstance(access, Permission):
            continue
        where = address(app, rule)
        answer = client.get(where) if "GET" in rule.methods else client.post(where)
        assert answer.status_code == 403, f"{where}: {answer.status_code}"


def test_the_demonstrations_pages_are_absent_elsewhere(app, client):
    for rule, access in routes(app):
        if access == DEMO_ONLY:
            assert client.get(address(app, rule)).status_code == 404


def test_a_case_elsewhere_is_not_found(app, client):
    town = builders.city()
    case = builders.voice(town.line[1]).nomination_id
    with transaction():
        builders.account(Role.REVIEWER, town.other[2], email="elsewhere@civic.example")
    client.sign_in("elsewhere@civic.example")
    for where in (f"/nominations/desk/queue?case={case}", f"/nominations/desk/publication/{case}"):
        assert client.get(where).status_code == 404, where
    assert client.post(f"/nominations/desk/cases/{case}/taking", data={"version": 1}).status_code == 404


def test_an_unsafe_request_without_the_forms_token_is_refused(app, client):
    for rule, access in routes(app):
        if "POST" in rule.methods and access == ANYONE:
            answer = client.post(address(app, rule), with_token=False)
            assert answer.status_code == 400, rule.endpoint


def test_every_menu_leads_somewhere(whole_app):
    known = {rule.endpoint for rule in whole_app.url_map.iter_rules()}
    assert {entry.endpoint for menu in MENUS.values() for entry in menu} <= known


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_away(app, client, target):
    with transaction():
        builders.account(email="resident@civic.example")
    answer = client.post("/identity/sign_in", data={"contact": "resident@civic.example", "password": builders.PASSWORD, "next": target})
    assert answer.headers["Location"] == "/me"


def test_session_cookies_are_out_of_reach_of_scripts(app, client):
    with transaction():
        builders.account(email="resident@civic.example")
    answer = client.post("/identity/sign_in", data={"contact": "resident@civic.example", "password": builders.PASSWORD, "SIGN": "1"})
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies
    assert all("HttpOnly" in c and "SameSite=Lax" in c for c in cookies)


def test_unknown_account_and_wrong_password_are_answered_alike(app, client):
    with transaction():
        builders.account(email="resident@civic.example")
    answers = [
        client.post("/identity/sign_in", data={"contact": who, "password": "not the password"})
        for who in ("resident@civic.example", "nobody@civic.example", "not even a contact")
    ]
    assert {a.status_code for a in answers} == {422}
    assert len({client.words(a).replace(w, "") for a, w in zip(answers, ("resident@civic.example", "nobody@civic.example", "not even a contact"), strict=True)}) == 1

"""The demonstration walked as each of its people: every link that a page offers opens for whom it was offered.

At most `EACH` addresses of one endpoint are opened for one person: the thousandth case looks like the third.
"""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from urllib.parse import urlsplit

import pytest
from werkzeug.exceptions import HTTPException

from tests.support import engines
from tests.support.client import strict_client

# On PostgreSQL, where queries and not links are the question, one of each is enough.
EACH = 1 if engines.wanted() == "postgresql" else 3
LINK = re.compile(r'<a\b[^>]*?\bhref="([^"]+)"')
# What leaves the house, or is no page of the person's: other languages and looks of the same page.
LEAVES = ("mailto:", "tel:", "http:", "https:", "#", "geo:")


@pytest.fixture(scope="module")
def whole_demo(whole_app):
    """The demonstration loaded once for all its people."""
    from civic.core.db import db
    from tests.conftest import _empty

    whole_app.config["DEMO"] = True
    with whole_app.app_context():
        answer = whole_app.test_cli_runner().invoke(args=["demo", "load"])
        assert answer.exit_code == 0, answer.output
        accounts = json.loads(whole_app.test_cli_runner().invoke(args=["demo", "accounts", "--json"]).output)
        db.session.remove()
        yield whole_app, {a["login"]: a["password"] for a in accounts}
        db.session.remove()
        _empty(whole_app)
    whole_app.config["DEMO"] = False


def links_of(html):
    for link in LINK.findall(html):
        link = link.replace("&amp;", "&").split("#")[0]
        if link and not link.startswith(LEAVES):
            yield link


def walked(app, client):
    """Every address reached from the home page, with what answered and the page that offered it."""
    urls = app.url_map.bind("localhost")
    seen, opened, answers = set(), Counter(), {}
    waiting = deque([("/", "the start"), ("/me", "the start")])
    while waiting:
        address, offered_on = waiting.popleft()
        parts = urlsplit(address)
        if address in seen:
            continue
        seen.add(address)
        try:
            endpoint, _ = urls.match(parts.path, method="GET")
        except HTTPException as error:
            if "new_url" not in vars(error):
                answers[address] = (getattr(error, "code", 404), offered_on, "")
            continue
        kind = (endpoint, tuple(sorted(pair.split("=")[0] for pair in parts.query.split("&"))))
        opened[kind] += 1
        if endpoint == "static" or opened[kind] > EACH:
            continue
        answer = client.get(address)
        answers[address] = (answer.status_code, offered_on, answer.headers.get("Location", ""))
        if answer.status_code in (301, 302, 303) and not answer.headers["Location"].startswith(("http:", "https:")):
            waiting.append((answer.headers["Location"].split("#")[0], address))
        if answer.mimetype == "text/html" and answer.status_code == 200:
            waiting.extend((link, address) for link in links_of(answer.text))
    return answers


PEOPLE = ("nobody", "resident", "steward", "community", "street", "county", "city", "region-admin", "city-admin", "organiser", "auditor")


@pytest.mark.parametrize("who", PEOPLE)
def test_every_link_opens_for_whom_it_was_offered(whole_demo, who):
    app, accounts = whole_demo
    client = strict_client(app)
    if who != "nobody":
        login = f"{who}@demo.example"
        client.sign_in(login, accounts[login])
    answers = walked(app, client)
    wrong = {address: (status, f"offered on {page}") for address, (status, page, _to) in answers.items() if status >= 400}
    if who != "nobody":
        wrong |= {
            address: ("sent to sign in again", f"offered on {page}")
            for address, (_status, page, to) in answers.items()
            if to.startswith("/identity/sign_in")
        }
    assert not wrong, "\n".join(f"{address}: {why}" for address, why in wrong.items())
    assert len(answers) > 30, "the walk ended early"

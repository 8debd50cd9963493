"""`make handbook`: the pictures of docs/handbook, taken from the real pages of a fresh demonstration."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "handbook" / "pictures"
PHONE, OFFICE = {"width": 390, "height": 844}, {"width": 1366, "height": 768}
SHOTS = (
    ("resident-home", None, PHONE, "/"),
    ("resident-step", None, PHONE, "/nominations/step/1"),
    ("resident-track", None, PHONE, "/track"),
    ("resident-notices", None, PHONE, "/nominations/notices"),
    ("resident-clue", None, PHONE, "/nominations/clue"),
    ("steward-queue", "steward", PHONE, "/nominations/desk/queue"),
    ("reviewer-queue", "street", OFFICE, "/nominations/desk/queue"),
    ("reviewer-deputies", "street", OFFICE, "/identity/desk/deputies"),
    ("reviewer-register", "street", OFFICE, "/honours/desk/"),
    ("reviewer-benefits", "street", OFFICE, "/honours/desk/benefits"),
    ("reviewer-published", "community", OFFICE, "/nominations/desk/published"),
    ("reviewer-inquiry", "community", OFFICE, "/nominations/desk/queue?search=粟春来|.q-pane a[href*='inquiries']"),
    ("rounds-round", "county", OFFICE, "/nominations/desk/rounds/1"),
    ("rounds-meeting", "county", OFFICE, "/nominations/desk/meetings/1"),
    ("rounds-seats", "county", OFFICE, "/nominations/desk/seats"),
    ("objections-list", "city", OFFICE, "/nominations/desk/objections"),
    ("admin-place", "region-admin", OFFICE, "/regions/desk/tree"),
    ("admin-grants", "region-admin", OFFICE, "/identity/desk/grants"),
    ("city-names", "city-admin", OFFICE, "/identity/desk/names"),
    ("city-rules", "city-admin", OFFICE, "/nominations/desk/rules"),
    ("volunteer-coming", "resident", PHONE, "/volunteering/"),
    ("volunteer-event", "resident", PHONE, "/volunteering/events/1"),
    ("volunteer-mine", "resident", PHONE, "/volunteering/mine"),
    ("volunteer-board", "resident", PHONE, "/volunteering/board/1?span=year"),
    ("volunteer-free", "resident", PHONE, "/volunteering/free"),
    ("volunteer-card", "resident", PHONE, "/kiosk/card"),
    ("organiser-event", "organiser", OFFICE, "/volunteering/desk/events/1"),
    ("organiser-summary", "organiser", OFFICE, "/volunteering/desk/summary"),
    ("leader-list", "steward", PHONE, "/volunteering/lists|.mine a:last-of-type"),
    ("leader-paper", "organiser", PHONE, "/volunteering/desk/hours|a[href$='/paper/check']"),
    ("city-service-rules", "city-admin", OFFICE, "/volunteering/desk/rules"),
    ("auditor-downloads", "auditor", OFFICE, "/audit/desk/downloads"),
    ("auditor-records", "auditor", OFFICE, "/audit/desk/records"),
    # Last, for it changes the queue.
    ("reviewer-undo", "street", OFFICE, "/nominations/desk/undoing"),
)
# What is done before a picture is taken: (page, words for the reason, the button).
DEEDS = {"reviewer-undo": ("/nominations/desk/queue", "手滑了，不是这一件", "button:has-text('不通过')")}


def main(base: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name, login, size, path in SHOTS:
            page = browser.new_context(viewport=size, locale="zh-CN").new_page()
            if login:
                page.goto(f"{base}/identity/sign_in")
                page.fill("#contact", f"{login}@demo.example")
                page.fill("#password", "haoren-demo")
                page.click(".form__bar button")
            path, _bar, link = path.partition("|")
            if name in DEEDS:
                where, words, button = DEEDS[name]
                page.goto(base + where)
                page.fill("#reason", words)
                page.click(button)
            answer = page.goto(base + path)
            assert answer is not None, name
            assert answer.status == 200, (name, path)
            if link:
                # A page whose number is another in every demonstration is reached as people reach it.
                page.click(link)
            page.wait_for_timeout(200)
            page.screenshot(path=PICTURES / f"{name}.png")
            print(name)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")

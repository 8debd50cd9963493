"""What stories do by pages again and again: a story plays people, and people have only pages."""

from __future__ import annotations


def agree_and_approve(page, live: str, case: int) -> None:
    """At the desk of whoever is signed in: the nominee's consent is written down and the public text approved."""
    page.goto(f"{live}/nominations/desk/publication/{case}")
    for purpose in ("name", "story"):
        page.check(f"input[name='purposes'][value='{purpose}']")
    page.check("input[name='method'][value='in_person']")
    page.click("button:has-text('记下同意')")
    page.wait_for_selector("text=同意公开姓名")
    if page.query_selector("#has_checked"):
        page.check("#has_checked")
    page.click("button:has-text('看过了，批准公开')")
    page.wait_for_selector("text=批准过")

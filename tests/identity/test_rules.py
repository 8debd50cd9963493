"""Contacts and identity numbers as people type them."""

from __future__ import annotations

from datetime import date

import pytest

from civic.core.errors import Invalid
from civic.identity import rules
from civic.identity.rules import Contact, contact_from


@pytest.mark.parametrize(
    "typed", ["13800004821", " 138 0000 4821", "+86 138-0000-4821", "008613800004821", "8613800004821", "１３８００００４８２１"]
)
def test_a_phone_number_is_read_however_it_is_typed(typed):
    assert contact_from(typed) == Contact("phone", "13800004821")


def test_an_address_is_compared_in_lower_case():
    assert contact_from(" Huang@Civic.Example ") == Contact("email", "huang@civic.example")


@pytest.mark.parametrize("typed", ["", "1380000482", "23800004821", "a@", "@b.cn", "12345"])
def test_what_is_neither_is_refused(typed):
    with pytest.raises(Invalid, match="contact_unclear"):
        contact_from(typed)


# Synthetic numbers: area 000000 is nobody's.
@pytest.mark.parametrize("typed", ["000000198506070054", "00000020120229001X", "00000020120229001x", "0000 0019 9001 0100 0X"])
def test_sound_identity_numbers_pass(typed):
    assert len(rules.identity_number_from(typed)) == 18


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("000000201302290017", "identity_number_date"),
        ("000000198506070055", "identity_number_check"),
        ("00000019850607", "identity_number_form"),
        ("00000019850607005A", "identity_number_form"),
    ],
)
def test_unsound_ones_say_what_is_wrong(typed, code):
    with pytest.raises(Invalid, match=code):
        rules.identity_number_from(typed)


def test_every_single_wrong_digit_is_caught():
    sound = "000000198506070054"
    for at in range(17):
        for digit in "0123456789":
            if digit == sound[at]:
                continue
            with pytest.raises(Invalid):
                rules.identity_number_from(sound[:at] + digit + sound[at + 1 :])


def test_eighteen_is_counted_to_the_day():
    assert rules.is_minor(date(2008, 7, 17), date(2026, 7, 16))
    assert not rules.is_minor(date(2008, 7, 16), date(2026, 7, 16))


@pytest.mark.parametrize(("password", "code"), [("short", "password_short"), ("12345678", "password_common"), ("aaaaaaaa", "password_common")])
def test_weak_passwords_are_refused(password, code):
    with pytest.raises(Invalid, match=code):
        rules.check_password(password)

"""Contacts and identity numbers: what people type, made comparable, or refused with a sentence."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l

from civic.core import crypto
from civic.core import typed as reading
from civic.core.errors import Invalid

PHONE = re.compile(r"1[3-9][0-9]{9}")
# Slips of the finger that are no ends of any address.
NO_SUCH_ENDS = frozenset(["con", "cmo", "comm", "ocm", "vom", "xom", "cim", "cpm", "coom", "cn1", "comcn", "nte", "ner"])
PASSWORD_LEAST = 8
PASSWORD_MOST = 128
TOO_COMMON = frozenset(
    ["12345678", "123456789", "1234567890", "password", "password1", "11111111", "00000000", "88888888", "66666666", "qwertyui", "abcd1234", "a1234567", "abc12345", "1q2w3e4r", "iloveyou", "woaini520", "5201314520", "147258369", "987654321"]
)

# What somebody is to whoever says so, and what that one is to them.
RELATIONS = {"spouse": "spouse", "parent": "child", "child": "parent", "sibling": "sibling", "in_law": "in_law", "household": "household"}


@dataclass(frozen=True)
class Contact:
    """A mobile number (11 digits) or an e-mail address (lower case)."""

    kind: Literal["phone", "email"]
    value: str


def contact_from(typed: str) -> Contact:
    """A mobile number or e-mail as people type or paste it: what nobody sees, spaces, dashes and points of any kind, brackets,
    +86, full-width digits and a full stop at the end are forgiven."""
    plain = unicodedata.normalize("NFKC", reading.plain(typed or "")).strip().rstrip("。.,;、")
    if "@" in plain:
        return _email_from(plain)
    digits = re.sub(r"[()。,]+", "", reading.code(plain)).replace("-", "")
    digits = re.sub(r"^(\+86|0086|86(?=1[0-9]{10}$))", "", digits)
    if not PHONE.fullmatch(digits):
        raise Invalid("contact_unclear", _l("手机号要 11 位数字，也可以写邮箱。请再看一眼。"), field="contact")
    return Contact("phone", digits)


def _email_from(plain: str) -> Contact:
    """A mailbox that a letter can be sent to: what no mail server takes is refused while somebody can still mend it."""
    try:
        found = validate_email(plain, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise Invalid("contact_unclear", _l("这个邮箱收不到信，好像写得不完整。请再看一眼，比如 name@qq.com。"), field="contact") from None
    if found.domain.rpartition(".")[2].lower() in NO_SUCH_ENDS:
        raise Invalid("contact_unclear", _l("没有 .%(end)s 结尾的邮箱，是不是 .com？请再看一眼。", end=found.domain.rpartition(".")[2]), field="contact")
    return Contact("email", found.normalized.lower())


def mobile_from(typed: str) -> str:
    """A mobile number as people type it; a mailbox is refused."""
    contact = contact_from(typed)
    if contact.kind != "phone":
        raise Invalid("contact_unclear", _l("请写手机号。"), field="phone")
    return contact.value


def contact_digest(contact: Contact) -> str:
    """The keyed digest by which accounts, persons and nominators of one contact are found."""
    return crypto.digest("contact", f"{contact.kind}:{contact.value}")


def phone_digest(phone: str) -> str:
    """The digest of a mobile number, the same in every table."""
    return contact_digest(Contact("phone", phone))


def identity_number_from(typed: str) -> str:
    """An 18-character resident identity number (GB 11643-1999): form, date and check character are proved.

    Area codes are not: abolished counties stay on people's cards. Proof of form is no proof of existence.
    """
    number = reading.code(typed or "").replace("-", "")
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise Invalid("identity_number_form", _l("身份证号是 18 位，最后一位可能是 X。请对着证件再看一眼。"), field="identity_number")
    if "10X98765432"[sum(int(d) * 2 ** (17 - i) for i, d in enumerate(number[:17])) % 11] != number[17]:
        raise Invalid("identity_number_check", _l("身份证号好像有一位写错了，请对着证件再看一眼。"), field="identity_number")
    if birth_date_of(number) is None:
        raise Invalid("identity_number_date", _l("身份证号里的出生日期不对，请对着证件再看一眼。"), field="identity_number")
    return number


def birth_date_of(number: str) -> date | None:
    """The birth date inside an identity number."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def identity_digest(number: str) -> str:
    return crypto.digest("identity_number", number)


GROWN = 18
# Younger ones are registered by whoever brings them up, who sees and decides what is done with what we know of them (PIPL 31).
OWN_ACCOUNT_FROM = 14


def age_on(birth_date: date, day: date) -> int:
    """Whole years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def is_minor(birth_date: date, today: date) -> bool:
    """Under eighteen on that day."""
    return age_on(birth_date, today) < GROWN


def check_birth_date(birth_date: date, today: date) -> None:
    """Refuse a day on which nobody living was born."""
    if not date(1900, 1, 1) <= birth_date <= today:
        raise Invalid("birth_date_wrong", _l("这个生日不对，请再看一眼。"), field="birth_date")


def demand_own_account(birth_date: date, today: date) -> None:
    """Refuse an account to whoever is under fourteen: their guardian's account makes and holds them."""
    if age_on(birth_date, today) < OWN_ACCOUNT_FROM:
        raise Invalid(
            "guardian_first",
            _l("不满 14 岁，要爸爸妈妈（监护人）来办：请他们用自己的手机号注册，登记成志愿者，再在“替家里人报名”里加上你。"),
            field="birth_date",
        )


def check_password(password: str) -> None:
    """Length counts, not decoration; the commonest passwords are refused."""
    if len(password) < PASSWORD_LEAST:
        raise Invalid("password_short", _l("密码至少 8 位。可以用一句好记的话。"), field="password")
    if len(password) > PASSWORD_MOST:
        raise Invalid("password_long", _l("密码太长了，128 位以内就好。"), field="password")
    if password.lower() in TOO_COMMON or len(set(password)) < 3:
        raise Invalid("password_common", _l("这个密码太容易猜了，换一个。可以用一句好记的话。"), field="password")

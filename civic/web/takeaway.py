"""Lists and papers that leave the house: what for is asked, and stands on every one of them beside who and when."""

from __future__ import annotations

from typing import Any, BinaryIO
from urllib.parse import quote

from flask import Response
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from werkzeug.wsgi import wrap_file
from wtforms import SelectField
from wtforms.validators import InputRequired

from civic.audit import actions as audit
from civic.core import clock
from civic.core.sheets import XLSX
from civic.identity.permissions import Actor
from civic.web import session
from civic.web.fields import choices
from civic.web.forms import Form

PURPOSES = {
    "meeting": _l("开会评议用"),
    "report": _l("汇总上报"),
    "check": _l("核对"),
    "award": _l("发证书、落实礼遇"),
    "archive": _l("存档"),
}

# What those who run events take lists for.
SERVICE_PURPOSES = {
    "contact": _l("联系、安排人"),
    "insurance": _l("上意外险"),
    "check": _l("核对时长"),
    "report": _l("汇总上报"),
    "archive": _l("存档"),
}
# For the log that shows them all.
EVERY_PURPOSE = {**SERVICE_PURPOSES, **PURPOSES}


class PurposeForm(Form):
    purpose = SelectField(_l("做什么用"), choices=choices(PURPOSES.items()), validators=[InputRequired(_l("请选做什么用，会留痕。"))])


def mark(purpose: str, taker: Actor | None = None) -> str:
    """The watermark: who took it, when, what for. In Chinese whatever the page's language, for it is filed."""
    with force_locale("zh"):
        words = str(EVERY_PURPOSE[purpose])
    return f"{(taker or session.actor()).name}，{clock.local(clock.now()):%Y-%m-%d %H:%M} 下载，用途：{words}。内有个人信息，只作这一用，用完删掉，不外传。"


def taken(subject: tuple[str, int | None], path: str | None, *, kind: str, purpose: str, lines: int) -> None:
    """The record of a list or paper that left the house."""
    audit.record(session.actor().user_id, "sheet.download", subject, region_path=path, kind=kind, purpose=purpose, lines=lines)


def sheet(body: bytes, name: str) -> Response:
    """A workbook as a download that nothing in between keeps."""
    return _sent(body, XLSX, f"attachment; filename*=UTF-8''{quote(name)}.xlsx")


def paper(body: bytes, name: str) -> Response:
    """A PDF shown in the browser, kept by nothing in between."""
    return _sent(body, "application/pdf", f"inline; filename*=UTF-8''{quote(name)}.pdf")


def file(stream: BinaryIO, kind: str, name: str, environ: dict[str, Any]) -> Response:
    """A file from storage, sent piece by piece however large it is."""
    answer = Response(wrap_file(environ, stream), mimetype=kind, direct_passthrough=True)
    answer.headers.update({"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "private, no-store"})
    return answer


def _sent(body: bytes, kind: str, disposition: str) -> Response:
    return Response(body, mimetype=kind, headers={"Content-Disposition": disposition, "Cache-Control": "private, no-store"})

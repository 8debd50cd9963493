"""Refusals and failures as pages or JSON: the only place that turns a DomainError into an answer."""

from __future__ import annotations

from flask import Flask, g, jsonify, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException

from civic.core.db import db
from civic.core.errors import Conflict, DomainError
from civic.web import guards, session, unsent


def wants_json() -> bool:
    return request.path.startswith("/api/") or request.path.startswith("/health/")


def _page(status: int, code: str, sentence: str) -> tuple[object, int]:
    db.session.rollback()
    if wants_json():
        return jsonify(code=code, sentence=sentence), status
    return render_template("web/error.html", status=status, code=code, sentence=sentence), status


def _sentence(status: int) -> str:
    return {
        400: _("这个请求我们没看懂。请回上一页再试一次。"),
        403: _("您的账号没有办这件事的权限。需要的话，请找给您开通账号的同志。"),
        404: _("没有找到。可能是网址不对，也可能这一页已经撤下。"),
        405: _("这一页不能这样打开。请回上一页再试一次。"),
        413: _("传的东西太大了。照片每张不超过 10 MB，一次少传几张。"),
        422: _("送来的内容和说明的格式不一样。"),
        429: _("试得太勤了，请过一会儿再试。"),
    }.get(status, _("我们这边出了点问题，已经记下了。您写的都还在，过几分钟再试一次。"))


def init(app: Flask) -> None:
    @app.errorhandler(DomainError)
    def refused(error: DomainError) -> tuple[object, int]:
        g.refused_code = error.code
        return _page(error.status, error.code, str(error.sentence) or _sentence(error.status))

    @app.errorhandler(StaleDataError)
    def overtaken(_error: StaleDataError) -> tuple[object, int]:
        return refused(Conflict("changed_meanwhile", _("您打开之后，这里被人改过。请看看新的样子，再办一次。")))

    @app.errorhandler(DBAPIError)
    def without_database(error: DBAPIError) -> tuple[object, int]:
        """The database does not answer, or waits too long for a lock: not our fault to hide, nor the visitor's to guess."""
        if not (isinstance(error, OperationalError) or error.connection_invalidated):
            raise error
        app.logger.warning("no database: %s", type(error.orig).__name__)
        session.as_stranger()
        return _page(503, "no_database", _("我们的数据库正在重启，写的都还在。过一分钟再试一次。"))

    @app.errorhandler(CSRFError)
    def stale_form(_error: CSRFError) -> object:
        if guards.wants_sign_in():
            return guards.to_sign_in()
        if wants_json():
            return _page(400, "stale_form", _("这一页放得太久了，请重新打开。"))
        return unsent.page(unsent.typed(), status=400, words=_("这一页放得太久了，还没有交上去。"))

    @app.errorhandler(HTTPException)
    def failed(error: HTTPException) -> object:
        status = error.code or 500
        if status < 400:
            return error
        page, status = _page(status, f"http_{status}", _sentence(status))
        answer = app.make_response(page)
        if "Allow" in (headers := Headers(error.get_headers())):
            answer.headers["Allow"] = headers["Allow"]
        return answer, status

    @app.errorhandler(RecursionError)
    def bottomless(_error: RecursionError) -> tuple[object, int]:
        """JSON within JSON within JSON."""
        return _page(400, "http_400", _sentence(400))

    @app.errorhandler(500)
    def broken(_error: Exception) -> tuple[object, int]:
        return _page(500, "http_500", _sentence(500))

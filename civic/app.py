"""create_app(): settings, extensions, every feature's models, pages, letters and commands."""

from __future__ import annotations

import importlib
import importlib.util
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask_mail import Mail
from flask_wtf import CSRFProtect
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import configure_mappers
from werkzeug.middleware.proxy_fix import ProxyFix

from civic import settings
from civic.core import alone, clock, crypto, storage
from civic.core.db import db
from civic.errands import running
from civic.identity.actions import accounts
from civic.nominations.rules import climbing, links
from civic.pages.rules import scene_of
from civic.settings import NotReady
from civic.web import (
    api,
    arguments,
    errors,
    filters,
    guards,
    headers,
    i18n,
    icons,
    logs,
    nav,
    printing,
    session,
    styles,
    takeaway,
    unsent,
)

ROOT = Path(__file__).resolve().parent.parent
FEATURES = ("core", "audit", "outbox", "regions", "identity", "errands", "points", "honours", "nominations", "volunteering", "kiosk", "pages", "demo")
WEB_HALVES = ("views", "desk")
# What `make run` was started with, for commands in the same checkout.
DEMONSTRATION = "demonstration.env"

csrf = CSRFProtect()
mail = Mail()


class Civic(Flask):
    """The house. None of its functions is a coroutine, so nobody has to look each one up before it is called."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func

    def log_exception(self, exc_info: tuple[Any, Any, Any]) -> None:
        """One line without the words of the failure, for they may hold what people wrote."""
        logs.broken(exc_info[1])


def create_app(given: dict[str, Any] | None = None) -> Flask:
    """The application. Settings come from defaults, instance/settings.cfg, CIVIC_* variables and `given`."""
    app = Civic(
        "civic",
        root_path=str(ROOT / "civic"),
        template_folder="../templates",
        static_folder="../static",
        instance_path=str(ROOT / "instance"),
        instance_relative_config=True,
    )
    _configure(app, given or {})
    crypto.configure(app.config["DATA_KEYS"], app.config["SEAL_KEY"])
    clock.configure(app.config["TIMEZONE"])
    if app.config.get("ARGON2_CHEAP"):
        accounts.hash_cheaply()
    storage.configure(Path(app.config["UPLOAD_FOLDER"]))
    if app.config["TRUSTED_PROXIES"]:
        # Behind a proxy the visitor's address stands in a header; without one, that header is the visitor's own claim.
        hops = int(app.config["TRUSTED_PROXIES"])
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    _keep_private(app)
    db.init_app(app)
    alone.init(app)
    _load("models")
    # Found out once, before a server forks, not by every worker for itself.
    configure_mappers()
    if app.config["DEMO"] and not app.testing:
        _demand_a_demonstration(app)
    csrf.init_app(app)
    mail.init_app(app)
    for part in (arguments, logs, i18n, session, unsent, guards, headers, errors, printing, filters, icons, styles):
        part.init(app)
    _words(app)
    _register_pages(app)
    _register_commands(app)
    _register_letters(app)
    _register_errands()
    return app


def _configure(app: Flask, given: dict[str, Any]) -> None:
    instance = Path(app.instance_path)
    found = settings.read(instance, _of_the_demonstration(instance, os.environ), given)
    found["SQLALCHEMY_DATABASE_URI"] = found["SQLALCHEMY_DATABASE_URI"] or f"sqlite:///{instance / 'civic.db'}"
    found["UPLOAD_FOLDER"] = found["UPLOAD_FOLDER"] or str(instance / "uploads")
    # What people wrote stands in no line of a log.
    found["SQLALCHEMY_ENGINE_OPTIONS"] = {"hide_parameters": True, **found["SQLALCHEMY_ENGINE_OPTIONS"]}
    if found["DEMO"]:
        found["CODE_SENDER"] = found["CODE_SENDER"] or "page"
        found["MAIL_SENDER"] = given.get("MAIL_SENDER", "page")
        _keys_of_the_demo(instance, found)
    settings.demand_keys(found)
    if found["SESSION_COOKIE_SECURE"] is None:
        found["SESSION_COOKIE_SECURE"] = found["BASE_URL"].startswith("https://")
    if found["SEAL_HEAD_FILE"] is None:
        # A demonstration is laid anew every night, and a test all the time: their chains begin again.
        found["SEAL_HEAD_FILE"] = "" if found["DEMO"] or given.get("TESTING") else str(instance / "audit-head")
    app.config.from_mapping(found)


def _of_the_demonstration(instance: Path, environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment; for a command typed in the checkout of a demonstration, what that was started with (deploy/run)."""
    kept = instance / DEMONSTRATION
    by_hand = environ.get("FLASK_RUN_FROM_CLI") == "true"
    if not by_hand or not kept.exists() or "CIVIC_DEMO" in environ or "CIVIC_SECRET_KEY" in environ or (instance / "settings.cfg").exists():
        return environ
    lines = (line.partition("=") for line in kept.read_text(encoding="utf-8").splitlines() if line.startswith(settings.PREFIX))
    return {**{name: value for name, _is, value in lines}, **environ}


def _keys_of_the_demo(instance: Path, found: dict[str, Any]) -> None:
    """A demonstration makes its own keys once and keeps them in instance/; a real deployment never does."""
    for name, make in (("SECRET_KEY", lambda: secrets.token_urlsafe(48)), ("DATA_KEYS", crypto.new_key)):
        if found[name]:
            continue
        file = instance / f"demo-{name.lower()}"
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(make(), encoding="ascii")
        found[name] = file.read_text(encoding="ascii")


def _keep_private(app: Flask) -> None:
    """What the deployment owns is readable for nobody else on this machine: its folder, its database, what people gave it."""
    storage.shut_folder(Path(app.instance_path))
    address = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    if address.get_backend_name() == "sqlite" and address.database and address.database != ":memory:":
        storage.shut_file(Path(address.database))


def _demand_a_demonstration(app: Flask) -> None:
    """A demonstration over the database of a city would open it to everybody: empty, or laid by `flask demo load`."""
    queries = importlib.import_module("civic.demo.queries")
    with app.app_context():
        try:
            is_one = queries.is_demonstration()
        except OperationalError as error:
            raise NotReady("The database of the demonstration does not answer. 演示的数据库没有应答。") from error
        finally:
            db.session.remove()
            db.engine.dispose()
    if not is_one:
        raise NotReady(
            "CIVIC_DEMO is on, but this database is not a demonstration: it does not start. 打开了 CIVIC_DEMO，可是这个数据库不是演示的，不能启动。"
        )


def _load(name: str) -> list[Any]:
    """The module of that name of every feature that has one."""
    found = (f"civic.{feature}.{name}" for feature in FEATURES)
    return [importlib.import_module(m) for m in found if importlib.util.find_spec(m) is not None]


def _register_pages(app: Flask) -> None:
    """One name, five places: `civic/nominations/desk.py` becomes `nominations.desk` at /nominations/desk.

    `views` gives its feature's own name; `pages` stands at the root, for its addresses are printed on paper.
    """
    for half in WEB_HALVES:
        for module in _load(half):
            feature = module.__name__.split(".")[1]
            name = feature if half == "views" else f"{feature}.{half}"
            prefix = "/" + name.replace(".", "/").removeprefix("pages").lstrip("/")
            app.register_blueprint(module.pages, name=name, url_prefix=prefix.rstrip("/") or None)
    description = api.init(app)
    for module in _load("api"):
        # Machines come without cookies, so there is no form of ours to prove.
        csrf.exempt(module.pages)
        module.init(app, description)
        description.register_blueprint(module.pages, name=f"{module.__name__.split('.')[1]}.api", url_prefix=module.PREFIX)


def with_migrations(app: Flask) -> Flask:
    """The same application with `flask db`: the command line has it, no server needs the 11 MB that it brings."""
    flask_migrate = importlib.import_module("flask_migrate")
    flask_migrate.Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    return app


def _register_commands(app: Flask) -> None:
    for module in _load("cli"):
        app.cli.add_command(module.commands)
    worker = importlib.import_module("civic.worker")
    app.extensions["civic.jobs"] = worker.all_jobs
    app.cli.add_command(worker.command)
    app.cli.add_command(importlib.import_module("civic.proofs").command)
    if os.environ.get("FLASK_RUN_FROM_CLI") == "true":
        with_migrations(app)


def _register_letters(app: Flask) -> None:
    """Each feature says how its letters are addressed and when they are still due."""
    delivery = importlib.import_module("civic.outbox.delivery")
    delivery.init(app)
    for module in _load("letters"):
        delivery.learn(module.KINDS)
    delivery.learn_hours(importlib.import_module("civic.identity.letters").quiet_hours_of)


def _register_errands() -> None:
    """Each feature says which errands it carries out."""
    for module in _load("errands"):
        running.learn(module.KINDS)


def _words(app: Flask) -> None:
    app.jinja_env.globals.update(
        nav_items=nav.nav_items,
        city_name=lambda: app.config["CITY_NAME"],
        is_demo=lambda: app.config["DEMO"],
        purposes_of_sheets=takeaway.PURPOSES,
        scene_of=scene_of,
        tracking_token=links.tracking_token,
        glyph_of=climbing.glyph_of,
    )

    @app.context_processor
    def _viewer() -> dict[str, Any]:
        account = session.account()
        return {"viewer": None if account is None else nav.Viewer(account.id, account.name)}

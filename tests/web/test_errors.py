"""What people see when something is wrong on our side."""

from __future__ import annotations

from civic.app import create_app
from tests.conftest import KEYS
from tests.support.engines import free_port


def test_without_a_database_pages_say_so_and_machines_hear_a_code(tmp_path):
    nobody_there = f"postgresql+psycopg://postgres@127.0.0.1:{free_port()}/none"
    app = create_app({"SECRET_KEY": "x", "DATA_KEYS": KEYS, "SQLALCHEMY_DATABASE_URI": nobody_there, "UPLOAD_FOLDER": str(tmp_path)})
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = "somebody"
    page = client.get("/me")
    assert page.status_code == 503
    assert "数据库正在重启" in page.text
    assert "<h1>" in page.text
    answer = client.get("/api/kiosk/v1/roster", headers={"Authorization": "Bearer x"})
    assert (answer.status_code, answer.json["code"]) == (503, "no_database")

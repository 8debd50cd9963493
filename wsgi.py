"""The application for a server: `gunicorn wsgi:app`, `flask --app wsgi …`."""

from civic.app import create_app

app = create_app()

"""The application for a server: `gunicorn wsgi:app`, `flask --app wsgi …`."""

import gc

from civic.app import create_app

app = create_app()
# What a server loads before it forks stays shared between its workers: else the first full collection in each of them
# touches every object, and the system makes a copy of it (60 MB a worker).
gc.freeze()

"""The application for a server: `gunicorn wsgi:app`, `flask --app wsgi …`."""

import gc

from civic.app import create_app

app = create_app()
# What is loaded before a server forks stays shared: the collector would write into every object it looks at.
gc.collect()
gc.freeze()

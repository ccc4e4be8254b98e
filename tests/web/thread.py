"""A WSGI app over real HTTP, in a thread of this process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import make_server


@contextmanager
def served(app: Flask, host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """Serve the app until the block ends; gives the port, which is any free one for 0."""
    server = make_server(host, port, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()

"""The real WSGI application on a port of this machine, for as long as a test looks at it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import QuietWSGIRequestHandler


@contextmanager
def served() -> Iterator[str]:
    """Serve on the loopback interface, on a port that is free; gives the address.

    Each connection has a thread of its own, and each thread its own connection to the database.
    """
    from honghu.site.wsgi import application

    server = ThreadedWSGIServer(
        ("127.0.0.1", 0), QuietWSGIRequestHandler, allow_reuse_address=False
    )
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{cast('tuple[str, int]', server.server_address)[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

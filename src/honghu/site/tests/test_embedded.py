"""The embedded server is started once, however many threads ask first."""

import os
import subprocess
import sys
import tempfile

_ASK = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from honghu.site.postgres import embedded
together = Barrier(8)
def ask(_number):
    together.wait()
    return str(embedded.address())
with ThreadPoolExecutor(8) as pool:
    print(len(set(pool.map(ask, range(8)))))
"""


def test_threads_of_a_new_server_process_ask_at_once() -> None:
    """As those of a web server do at its first requests."""
    # Not in pytest's folder: another run of pytest closes that to the server's own user.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        found = subprocess.run(  # noqa: S603 our own interpreter
            [sys.executable, "-c", _ASK],
            env=dict(os.environ) | {"HONGHU_HOME": home},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (found.returncode, found.stdout.strip()) == (0, "1"), found.stderr

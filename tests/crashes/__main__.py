"""A storm from the command line: python -m tests.crashes --kills 1000; prints the result as JSON.

A process of its own, because it forks and kills: it must hold no connection and no thread.
"""

import argparse
import importlib
import json
import os
import sys
import tempfile
from pathlib import Path

import django


def main() -> None:
    """Run the storm, then the planted faults if wanted; everything in a folder that is removed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=15)
    parser.add_argument("--workloads", nargs="+", help="By name; all if left out.")
    parser.add_argument("--faults", action="store_true", help="Run the planted faults too.")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    # A short path, for the server's socket stands in it.
    with tempfile.TemporaryDirectory(prefix="storm", ignore_cleanup_errors=True) as folder:
        os.environ["HONGHU_HOME"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "honghu.site.settings"
        os.environ.pop("DATABASE_URL", None)
        django.setup()
        run = importlib.import_module("tests.crashes.run").run
        result = run(Path(folder), options)
    json.dump(result, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()

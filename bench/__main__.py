"""`make bench`: every benchmark in turn, each in a process of its own; or those that are named."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def main(names: list[str]) -> int:
    """Run the benchmarks; the status is that of the first one that failed."""
    files = sorted(p for p in FOLDER.glob("*.py") if "__main__" in p.read_text("utf-8"))
    files = [path for path in files if path.name != Path(__file__).name]
    unknown = set(names) - {path.stem for path in files}
    if unknown:
        known = ", ".join(path.stem for path in files)
        print(f"no benchmark {', '.join(sorted(unknown))}; there are: {known}")
        return 2
    status = 0
    for path in files:
        if names and path.stem not in names:
            continue
        print(f"\n=== {path.stem} ===", flush=True)
        status = subprocess.run([sys.executable, str(path)], check=False).returncode or status
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

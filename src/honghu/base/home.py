"""Where an installation keeps its data."""

import os
from pathlib import Path

import platformdirs


def home_dir() -> Path:
    """The folder of the installation's own data: database, evidence, keys.

    `HONGHU_HOME` if set; `.honghu/` at the top of a source checkout; else the user's data folder.
    The folder is not created here.
    """
    configured = os.environ.get("HONGHU_HOME")
    if configured:
        return Path(configured).expanduser().resolve()
    checkout = Path(__file__).resolve().parents[3]
    if (checkout / "pyproject.toml").is_file() and (checkout / "src" / "honghu").is_dir():
        return checkout / ".honghu"
    return Path(platformdirs.user_data_dir("honghu", appauthor=False))

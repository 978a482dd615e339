"""What the walk needs: the browser there is, and commands as a user starts them."""

import importlib.util
import os
import shutil
import subprocess
import sys
from typing import Final

PASSWORD: Final = "correct horse battery"
COMMAND: Final = (sys.executable, "-u", "-c", "from pipelines.cli import main; main()")


def chromium() -> str | None:
    """The browser that the tests drive; None where they cannot."""
    if importlib.util.find_spec("playwright") is None:
        return None
    named = os.environ.get("ONEID_CHROMIUM", "")
    return named or shutil.which("chromium") or shutil.which("chromium-browser")


def oneid(*arguments: str, given: str = "") -> None:
    """Run a command to its end."""
    done = subprocess.run(
        [*COMMAND, *arguments], input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

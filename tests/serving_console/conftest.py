"""A real project, a real server and a real browser; left out, and said so, where there is none."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from browser_project import COMMAND, PASSWORD, chromium, oneid

HOW: Final = (
    "make browser, and a Chromium (Debian: apt-get install chromium; or ONEID_CHROMIUM=path)"
)
_HERE: Final = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the tests of this folder out where there is no browser, and say so."""
    if chromium():
        return
    left_out = pytest.mark.skip(reason=f"there is no browser; to add one: {HOW}")
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(left_out)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample that was really run, and a steward's account."""
    root = tmp_path_factory.mktemp("console") / "sample"
    oneid("sample", str(root), "--customers", "150", "--seed", "3")
    oneid("run", "--project", str(root))
    arguments = ("account", "add", "mei", "--role", "steward", "--project", str(root))
    oneid(*arguments, "--password-stdin", given=f"{PASSWORD}\n")
    return root


@pytest.fixture(scope="session")
def address(project: Path) -> Iterator[str]:
    """Where the server of the project answers."""
    port = str(20_000 + os.getpid() % 20_000)
    arguments = ("serve", "--project", str(project), "--port", port)
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        told = re.search(r"http://\S+", server.stdout.readline())
        assert told, "the server did not start"
        try:
            yield told.group()
        finally:
            server.terminate()

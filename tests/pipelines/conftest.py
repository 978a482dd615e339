"""A small project that was really run, once for all tests that look at its outcome."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from running import Made, oneid

CUSTOMERS = 120


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The sample after its first run. Only to be looked at; see `copied` for changing it."""
    root = tmp_path_factory.mktemp("made") / "sample"
    sampled = oneid("sample", str(root), "--customers", str(CUSTOMERS))
    assert sampled.code == 0, sampled.err
    return Made(root, oneid("run", "--project", str(root)))


@pytest.fixture
def copied(made: Made, tmp_path: Path) -> Callable[[], Path]:
    """Makes a copy of the published project that a test may break."""

    def copy() -> Path:
        root = tmp_path / "sample"
        shutil.copytree(made.root, root, symlinks=True)
        return root

    return copy

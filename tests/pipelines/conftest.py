"""A small project that was really run, once for all tests that look at its outcome."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from running import Ended, Made, Review, oneid

from core.database import SETTING
from pipelines.cli import main

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


@pytest.fixture
def review(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Review:
    """`oneid review` on a project, in this process: the libraries it needs are loaded once."""
    monkeypatch.delenv(SETTING, raising=False)

    def called(root: Path, *arguments: str, who: str = "ann") -> Ended:
        by = [] if arguments[0] in ("list", "show", "history", "export") else ["--as", who]
        command = ["oneid", "review", *arguments, *by, "--project", str(root)]
        monkeypatch.setattr("sys.argv", command)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return called

"""Settings of every test, and the databases that stores are tested on."""

from collections.abc import Iterator

import pytest
from hypothesis import settings
from postgres_server import new_database, programs, running

from core.database import SETTING

# a busy machine is no failure of the product: examples are bounded in number, not in time
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL; left out, and said so, where none is installed."""
    folder = programs()
    if folder is None:
        pytest.skip("there is no PostgreSQL; to add one, on Debian: apt-get install postgresql")
    with running(folder) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Either kind of database that a project may keep its stores in, empty."""
    if request.param == "postgresql":
        monkeypatch.setenv(SETTING, new_database(request.getfixturevalue("postgres")))
    else:
        monkeypatch.delenv(SETTING, raising=False)
    return str(request.param)

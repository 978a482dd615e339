"""A sample resolved at once, and the model it was resolved with."""

import shutil
from pathlib import Path

import pytest
from publishing import launch
from resolving import Resolving, Shop, shop_of

from core.project import Project


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A small one, that every test of this folder may start from."""
    return shop_of(tmp_path_factory.mktemp("shop"), customers=60, seed=5)


@pytest.fixture(scope="session")
def released(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The shop's rows published, to be copied."""
    resolving = Resolving(tmp_path_factory.mktemp("released") / "p", shop.model)
    resolving.deliver(shop.rows)
    assert launch(resolving.project, "publish_release").success
    return resolving.project


@pytest.fixture
def project(released: Project, tmp_path: Path) -> Project:
    """A published project that a test may change."""
    return Project(Path(shutil.copytree(released.root, tmp_path / "p", symlinks=True)))

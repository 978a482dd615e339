"""A sample resolved at once, and the model it was resolved with."""

import pytest
from resolving import Shop, shop_of


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A small one, that every test of this folder may start from."""
    return shop_of(tmp_path_factory.mktemp("shop"), customers=60, seed=5)

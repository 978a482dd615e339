"""A sample resolved at once, and the model it was resolved with."""

import pytest
from resolving import Resolving, Shop, landed_rows

from pipelines.cli.sample import write_sample

CUSTOMERS = 60


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The sample's rows, a model trained on all of them, and what it makes of them at once."""
    root = tmp_path_factory.mktemp("shop")
    write_sample(root / "sample", CUSTOMERS, 5)
    trained = Resolving(root / "sample")
    trained.resolve()
    rows, model = landed_rows(trained.project), trained.pin(root / "model")
    at_once = Resolving(root / "whole", model)
    at_once.deliver(rows)
    at_once.resolve()
    return Shop(rows, model, at_once.partition())

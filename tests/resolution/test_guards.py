"""Which pairs a guard refuses: what excuses them, and what training found out about it."""

import polars as pl
import pytest

from resolution.comparisons.conditions import Otherwise, Sql, same
from resolution.comparisons.levels import Level, LevelSet
from resolution.model import Guard
from resolution.training.guards import BelievedGuard, Watch

NAME = LevelSet(
    "name",
    "name",
    Sql("false"),
    (
        Level("same", same("name"), 0.9, 0.001),
        Level("other family name", same("given"), 0.02, 0.01),
        Level(
            "other given name",
            same("family"),
            0.02,
            0.01,
            conflict=True,
            as_often_as="other family name",
        ),
        Level("other", Otherwise(), 0.02, 0.98, conflict=True),
    ),
)
BIRTH = LevelSet(
    "birth",
    "birth",
    Sql("false"),
    (
        Level("same", same("birth"), 0.9, 0.001),
        Level("same, read the other way round", same("other"), 0.05, 0.001, agrees=True),
        Level("other", Otherwise(), 0.05, 0.998),
    ),
)
GUARD = Guard(comparison="name", unless=("birth",), reason="different names")


def refused(guard: BelievedGuard, name: int, birth: int) -> bool:
    scored = pl.DataFrame(
        {
            "record_id_l": [0],
            "record_id_r": [1],
            "match_weight": [5.0],
            "gamma_name": [name],
            "gamma_birth": [birth],
            "mw_name": [0.0],
        }
    )
    watch = Watch((NAME, BIRTH), [guard], pl.Series(["a", "a"]))
    return watch.marked(scored).get_column("conflict")[0] is not None


@pytest.mark.parametrize(
    ("name", "birth", "apart"),
    [(0, 0, True), (1, 0, True), (2, 0, False), (0, 1, False), (0, 2, False), (0, -1, True)],
)
def test_full_agreement_excuses_however_it_was_written(name: int, birth: int, apart: bool) -> None:
    assert refused(BelievedGuard(GUARD), name, birth) is apart


@pytest.mark.parametrize(("name", "apart"), [(0, False), (1, True), (2, False)])
def test_what_only_relatives_show(name: int, apart: bool) -> None:
    assert refused(BelievedGuard(GUARD, of_relatives=True), name, 0) is apart

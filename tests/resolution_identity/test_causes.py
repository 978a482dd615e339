"""Each change of identity says why it happened."""

import polars as pl
import pytest

from resolution.identity.causes import Turned, with_causes

ROWS = pl.DataFrame(
    {"source": "s", "source_record_id": ["x", "y", "z"], "entity_id": ["A", "B", "C"]}
)
EVENTS = pl.DataFrame(
    [
        ("merged", "A", "B", "1 source row moved"),
        ("changed", "C", None, "2 source rows joined"),
        ("created", "D", None, "parted from an entity that was there before"),
    ],
    schema=["kind", "entity_id", "other_entity_id", "cause"],
    orient="row",
)


def named(*keys: str) -> pl.DataFrame:
    return ROWS.filter(pl.col("source_record_id").is_in(list(keys))).drop("entity_id")


@pytest.mark.parametrize(
    ("turned", "reasons"),
    [
        (Turned(named(), named(), False), ["new evidence", "new evidence", "new evidence"]),
        (Turned(named(), named(), True), ["model change", "new evidence", "model change"]),
        (Turned(named("y"), named(), True), ["decision", "new evidence", "model change"]),
        (
            Turned(named("y"), named("x", "z"), False),
            ["decision", "source correction", "new evidence"],
        ),
    ],
)
def test_the_reason_comes_first(turned: Turned, reasons: list[str]) -> None:
    told = with_causes(EVENTS, ROWS, ROWS.clear(), turned)
    assert [cause.partition(": ")[0] for cause in told["cause"]] == reasons
    assert [cause.partition(": ")[2] for cause in told["cause"]] == EVENTS["cause"].to_list()

"""An id that was retired lives again when its rows come back, and for nobody else."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ids import mint_entity_id
from resolution.identity.assigning import Assignment, assign_entities

A, B, C = (str(mint_entity_id(name)) for name in "abc")


def assign(now: dict[str, int], living: dict[str, str], departed: dict[str, str]) -> Assignment:
    """`now`: row -> cluster; `living`, `departed`: row -> the entity it is, or was, of."""
    members = pl.DataFrame(
        {"source": "s", "source_record_id": list(now), "record_id": range(len(now))}
    )
    clusters = pl.DataFrame({"record_id": range(len(now)), "cluster_id": list(now.values())})
    issued = pl.DataFrame({"entity_id": [A, B, C], "sequence": [1, 2, 3]})
    return assign_entities(clusters, members, _rows(living), issued, _rows(departed))


def _rows(entities: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {"source": "s", "source_record_id": list(entities), "entity_id": list(entities.values())},
        schema=dict.fromkeys(("source", "source_record_id", "entity_id"), pl.String),
    )


def ids(result: Assignment) -> dict[str, str]:
    return dict(result.rows.select("source_record_id", "entity_id").iter_rows())


def told(result: Assignment) -> list[tuple[str, str, str | None, str]]:
    return list(result.events.iter_rows())


def test_a_row_that_comes_back_has_its_id_again() -> None:
    result = assign({"1": 0, "new": 0}, {}, {"1": A})
    assert ids(result) == {"1": A, "new": A}
    assert told(result) == [("created", A, None, "1 source row came back")]


def test_a_living_id_goes_before_a_returned_one_which_redirects_to_it() -> None:
    result = assign({"1": 0, "2": 0}, {"2": B}, {"1": A})
    assert ids(result) == {"1": B, "2": B}
    assert told(result) == [("merged", B, A, "1 source row came back")]


def test_of_two_that_come_back_together_the_older_lives() -> None:
    result = assign({"1": 0, "2": 0}, {}, {"1": B, "2": A})
    assert ids(result) == {"1": A, "2": A}
    assert [event[:3] for event in told(result)] == [("created", A, None), ("merged", A, B)]


def test_the_larger_part_of_one_that_comes_back_divided_has_the_id() -> None:
    result = assign({"1": 0, "2": 1, "3": 1}, {}, dict.fromkeys("123", A))
    born = ids(result)["1"]
    assert ids(result) == {"1": born, "2": A, "3": A}
    assert born not in (A, B, C)
    assert [event[:3] for event in told(result)] == sorted(
        [("created", A, None), ("created", born, None)]
    )


def test_a_part_that_joins_a_living_customer_leaves_the_id_to_the_rest() -> None:
    result = assign({"1": 0, "2": 0, "9": 0, "3": 1}, {"9": B}, dict.fromkeys("123", A))
    assert ids(result) == {"1": B, "2": B, "9": B, "3": A}
    assert ("merged", B, A) not in [event[:3] for event in told(result)]


def test_ids_whose_rows_stay_away_stay_retired() -> None:
    result = assign({"2": 0}, {}, {"1": A})
    assert A not in ids(result).values()


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from([None, A, B, C]), st.booleans()),
        min_size=1,
        max_size=9,
    )
)
@settings(max_examples=80, deadline=None)
def test_what_departed_changes_no_cluster_and_no_living_id(
    rows: list[tuple[int, str | None, bool]],
) -> None:
    """The partition stays that of the clusters, and the living keep their ids."""
    now = {str(key): cluster for key, (cluster, _, _) in enumerate(rows)}
    living = {str(key): x for key, (_, x, lives) in enumerate(rows) if x and lives}
    gone = {str(key): x for key, (_, x, lives) in enumerate(rows) if x and not lives}
    departed = {key: x for key, x in gone.items() if x not in living.values()}
    with_them, without = assign(now, living, departed), assign(now, living, {})
    named = {(now[key], entity) for key, entity in ids(with_them).items()}
    assert len(named) == len({x for x, _ in named}) == len({x for _, x in named})
    for key, entity in ids(without).items():
        if entity in living.values():
            assert ids(with_them)[key] == entity
    created = [event[1] for event in told(with_them) if event[0] == "created"]
    assert len(created) == len(set(created))
    assert set(ids(with_them).values()) == set(created) | (
        set(ids(with_them).values()) & set(living.values())
    )

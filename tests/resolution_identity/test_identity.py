"""Clusters get lasting ids: kept, merged, split, retired, never reused."""

from itertools import permutations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ids import mint_entity_id
from resolution.identity.assigning import Assignment, assign_entities, mint_all, unused_ids

A, B, C = mint_entity_id("a"), mint_entity_id("b"), mint_entity_id("c")


def assign(now: dict[str, int], before: dict[str, str], issued: list[str]) -> Assignment:
    """`now`: row key -> cluster; `before`: row key -> entity; `issued` oldest first."""
    keys = list(now)
    members = pl.DataFrame(
        {"source": ["s"] * len(keys), "source_record_id": keys, "record_id": range(len(keys))},
        schema={"source": pl.String, "source_record_id": pl.String, "record_id": pl.Int64},
    )
    clusters = pl.DataFrame(
        {"record_id": range(len(keys)), "cluster_id": list(now.values())},
        schema={"record_id": pl.Int64, "cluster_id": pl.Int64},
    )
    ids = pl.DataFrame(
        {"entity_id": issued, "sequence": range(1, len(issued) + 1)},
        schema={"entity_id": pl.String, "sequence": pl.Int64},
    )
    return assign_entities(clusters, members, previous(before), ids)


def previous(entities: dict[str, str]) -> pl.DataFrame:
    """`entities`: row key -> entity."""
    return pl.DataFrame(
        {
            "source": ["s"] * len(entities),
            "source_record_id": list(entities),
            "entity_id": entities.values(),
        },
        schema={"source": pl.String, "source_record_id": pl.String, "entity_id": pl.String},
    )


def rows_of(assignment: Assignment) -> dict[str, str]:
    return dict(assignment.rows.select("source_record_id", "entity_id").iter_rows())


def events_of(assignment: Assignment) -> list[tuple[str, str, str | None]]:
    return list(assignment.events.select("kind", "entity_id", "other_entity_id").iter_rows())


def test_a_first_run_mints_an_id_from_the_smallest_member() -> None:
    result = assign({"2": 7, "1": 7, "3": 9}, {}, [])
    founder, other = mint_entity_id("s/1"), mint_entity_id("s/3")
    assert rows_of(result) == {"1": founder, "2": founder, "3": other}
    assert sorted(events_of(result)) == sorted(
        [("created", founder, None), ("created", other, None)]
    )


def test_only_rows_whose_id_is_another_are_changes() -> None:
    before = {"1": A, "2": B, "gone": C}
    result = assign({"1": 0, "2": 0, "new": 5}, before, [A, B, C])
    changes = result.changes(previous(before)).select("source_record_id", "entity_id")
    assert changes.rows() == [("2", A), ("gone", None), ("new", mint_entity_id("s/new"))]
    assert result.changes(previous(rows_of(result))).is_empty()


def test_the_earliest_member_founds_the_entity() -> None:
    members = pl.DataFrame(
        {
            "source": ["s", "s"],
            "source_record_id": ["1", "2"],
            "record_id": [0, 1],
            "at": ["2026-02-01", "2026-01-01"],
        }
    ).with_columns(pl.col("at").str.to_datetime())
    clusters = pl.DataFrame({"record_id": [0, 1], "cluster_id": [5, 5]})
    none = pl.DataFrame(
        schema=dict.fromkeys(("source", "source_record_id", "entity_id"), pl.String)
    )
    issued = pl.DataFrame(schema={"entity_id": pl.String, "sequence": pl.Int64})
    result = assign_entities(clusters, members, none, issued)
    assert set(rows_of(result).values()) == {mint_entity_id("s/2")}


def test_nothing_new_changes_nothing() -> None:
    result = assign({"1": 3, "2": 3, "3": 1}, {"1": A, "2": A, "3": B}, [A, B])
    assert rows_of(result) == {"1": A, "2": A, "3": B}
    assert result.events.is_empty()


def test_the_older_id_lives_on_in_a_merge() -> None:
    result = assign({"1": 0, "2": 0, "3": 0}, {"1": B, "2": A, "3": A}, [B, A])
    assert rows_of(result) == {"1": B, "2": B, "3": B}
    assert events_of(result) == [("merged", B, A)]
    assert result.events["cause"].to_list() == ["2 source rows moved"]


def test_the_largest_part_keeps_the_id_in_a_split() -> None:
    result = assign({"1": 0, "2": 1, "3": 1}, {"1": A, "2": A, "3": A}, [A])
    born = rows_of(result)["1"]
    assert rows_of(result) == {"1": born, "2": A, "3": A}
    assert events_of(result) == [("created", born, None), ("split", A, born)]


def test_equal_parts_of_a_split_are_settled_by_the_smallest_key() -> None:
    result = assign({"1": 9, "2": 1}, {"1": A, "2": A}, [A])
    assert rows_of(result)["1"] == A


def test_an_id_is_never_issued_again() -> None:
    gone = mint_entity_id("s/1")
    result = assign({"1": 0}, {}, [gone])
    assert rows_of(result) == {"1": mint_entity_id("s/1", attempt=1)}


def test_colliding_founders_of_one_run_get_different_ids() -> None:
    founders = pl.Series(["x", "x"])
    first, second = unused_ids(founders, pl.Series([], dtype=pl.String))
    assert (first, second) == (mint_entity_id("x"), mint_entity_id("x", 1))


def test_an_entity_without_rows_is_retired() -> None:
    result = assign({"2": 0}, {"1": A, "2": B}, [A, B])
    assert events_of(result) == [("retired", A, None)]
    assert result.events["cause"].to_list() == ["all of its 1 source row gone"]


def test_gained_and_lost_rows_are_one_change() -> None:
    result = assign({"1": 0, "3": 0, "4": 0}, {"1": A, "2": A}, [A])
    assert events_of(result) == [("changed", A, None)]
    assert result.events["cause"].to_list() == ["2 source rows joined, 1 source row gone"]


def test_a_row_that_moves_between_two_lasting_entities_is_a_split() -> None:
    before = {"1": A, "2": A, "3": A, "4": B, "5": B}
    result = assign({"1": 0, "2": 0, "3": 1, "4": 1, "5": 1}, before, [A, B])
    assert rows_of(result) == {"1": A, "2": A, "3": B, "4": B, "5": B}
    assert events_of(result) == [("split", A, B)]


def test_the_assignment_moves_the_fewest_rows_where_greed_would_not() -> None:
    # overlaps: cluster 0 = {A: 3, B: 2}, cluster 1 = {A: 2}; greed keeps 3 rows, the best is 4
    before = dict.fromkeys("123", A) | dict.fromkeys("45", B) | dict.fromkeys("67", A)
    now = dict.fromkeys("12345", 0) | dict.fromkeys("67", 1)
    result = rows_of(assign(now, before, [A, B]))
    assert sum(result[key] == before[key] for key in now) == 4


def test_an_id_that_ends_redirects_to_the_part_with_most_of_its_rows() -> None:
    before = dict.fromkeys("123", A) | dict.fromkeys("456", B) | dict.fromkeys("78x", C)
    now = dict.fromkeys("123", 0) | dict.fromkeys("456", 1) | {"7": 0, "8": 1, "x": 1}
    result = assign(now, before, [A, B, C])
    assert ("merged", B, C) in events_of(result)
    assert ("split", C, A) in events_of(result)


def test_every_record_has_the_id_of_its_cluster() -> None:
    result = assign({"1": 4, "2": 4, "3": 8}, {"1": A}, [A])
    assert result.entities.columns == ["record_id", "cluster_id", "entity_id"]
    assert result.entities["entity_id"].to_list() == [A, A, mint_entity_id("s/3")]


def test_minting_many_equals_minting_one_by_one() -> None:
    founders = pl.Series([f"registration/{n}" for n in range(500)] + ["feedback/张伟", ""])
    assert mint_all(founders).to_list() == [mint_entity_id(name) for name in founders]


cases = st.integers(1, 9).flatmap(
    lambda rows: st.tuples(
        st.lists(st.integers(0, 3), min_size=rows, max_size=rows),
        st.lists(st.sampled_from([None, A, B, C]), min_size=rows, max_size=rows),
        st.permutations([A, B, C]),
    )
)


@given(cases, st.randoms())
@settings(max_examples=60, deadline=None)
def test_neither_order_nor_cluster_numbers_matter(case, random) -> None:  # type: ignore[no-untyped-def]
    clusters, entities, issued = case
    now = {str(key): cluster for key, cluster in enumerate(clusters)}
    before = {str(key): entity for key, entity in enumerate(entities) if entity}
    keys = list(now)
    random.shuffle(keys)
    renumbered = {key: 10 - now[key] for key in keys}
    first, second = assign(now, before, issued), assign(renumbered, before, issued)
    assert first.rows.equals(second.rows)
    assert first.events.equals(second.events)


@given(cases)
@settings(max_examples=60, deadline=None)
def test_ids_are_unique_and_change_only_with_a_logged_event(case) -> None:  # type: ignore[no-untyped-def]
    clusters, entities, issued = case
    now = {str(key): cluster for key, cluster in enumerate(clusters)}
    before = {str(key): entity for key, entity in enumerate(entities) if entity}
    result = assign(now, before, issued)
    named = {(now[key], entity) for key, entity in rows_of(result).items()}
    assert len(named) == len({cluster for cluster, _ in named}) == len({e for _, e in named})
    logged = {frozenset(pair) for kind, *pair in events_of(result) if kind in ("merged", "split")}
    for key, old in before.items():
        new = rows_of(result)[key]
        assert new == old or frozenset((old, new)) in logged
    fresh = set(rows_of(result).values()) - set(issued)
    assert {entity for kind, entity, _ in events_of(result) if kind == "created"} == fresh


@given(cases)
@settings(max_examples=60, deadline=None)
def test_no_other_assignment_would_keep_more_rows(case) -> None:  # type: ignore[no-untyped-def]
    """Unless a plain merge, where the older id lives however small it was."""
    clusters, entities, issued = case
    now = {str(key): cluster for key, cluster in enumerate(clusters)}
    before = {str(key): entity for key, entity in enumerate(entities) if entity}
    result = rows_of(assign(now, before, issued))
    kept = sum(result[key] == old for key, old in before.items())
    slots = [*sorted(set(clusters)), None, None, None]
    best = max(
        sum(now[key] == slots[place[(A, B, C).index(old)]] for key, old in before.items())
        for place in permutations(range(len(slots)), 3)
    )
    only_split = all(
        len({now[key] for key, old in before.items() if old == entity}) != 1
        or len(
            {
                before[key]
                for key in before
                if now[key] in {now[k] for k, old in before.items() if old == entity}
            }
        )
        == 1
        for entity in set(before.values())
    )
    assert kept == best or not only_split

"""The baseline is a fair one: it reads columns by name and links what it should."""

import polars as pl

from benchmarks.plain_columns import plain_table
from benchmarks.plain_splink import blocking_rules, pairs_of, run_splink
from benchmarks.sets import TruthSet

GIVEN = ("anna", "boris", "carla", "david", "elena", "felix", "grace", "hugo", "irene", "jonas")
FAMILY = ("abbott", "baker", "cooper", "dixon", "evans", "foster", "graham", "harris", "irwin")


def people(copies: int) -> TruthSet:
    """Ninety people, each `copies` times; a copy has one letter of the given name left out."""
    rows = []
    for number in range(90):
        given, family = GIVEN[number % 10], FAMILY[number // 10]
        for copy in range(copies):
            rows.append(
                {
                    "record_id": f"r{number}-{copy}",
                    "source": "people",
                    "First Name": given if copy == 0 else given[:2] + given[3:],
                    "surname": family.upper(),
                    "dob": f"19{50 + number % 40}-{1 + number % 12:02}-{1 + number % 28:02}",
                    "email": f"{given}.{family}@example.org" if number % 15 else None,
                    "entity_id": f"e{number}",
                }
            )
    frame = pl.DataFrame(rows)
    return TruthSet("people", frame.drop("entity_id"), frame.select("record_id", "entity_id"))


def table_of(**columns: list[str | None]) -> pl.DataFrame:
    """Records with these columns, numbered, of one source."""
    height = len(next(iter(columns.values())))
    ids = [str(number) for number in range(height)]
    return pl.DataFrame({"record_id": ids, "source": ["s"] * height, **columns})


def test_dates_in_any_form_and_even_mistyped_become_comparable() -> None:
    written: list[str | None] = ["1980-02-03", "19800203", "02/03/1980", "1980/02/03", "19801399"]
    frame = plain_table(table_of(date_of_birth=written)).frame
    assert frame["dob"].to_list() == [*["1980-02-03"] * 4, "1980-13-99"]


def test_whole_names_fill_missing_parts() -> None:
    records = table_of(
        first_name=["Ann", None], last_name=["Lee", None], full_name=[None, "Bo  van Ng"]
    )
    frame = plain_table(records).frame
    assert frame["given"].to_list() == ["ann", "bo"]
    assert frame["family"].to_list() == ["lee", "ng"]


def test_placeholders_shared_by_many_are_left_out() -> None:
    mails: list[str | None] = ["none@none.com"] * 30 + ["ann@example.org"] * 2
    frame = plain_table(table_of(email=mails)).frame
    assert frame["email"].drop_nulls().to_list() == ["ann@example.org"] * 2


def test_no_rule_compares_nothing_or_too_much() -> None:
    table = plain_table(people(2).records)
    rules = blocking_rules(table)
    assert ("family", "dob") in rules
    assert all(0 < pairs_of(table.frame, rule) <= 2_000_000 for rule in rules)


def test_copies_are_linked_and_namesakes_are_not() -> None:
    found = run_splink(people(2), link_only=False)
    assert found.evaluation.true_pairs == 90
    assert found.evaluation.f1 > 0.9
    assert found.cost.seconds > 0

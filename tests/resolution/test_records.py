"""Landed rows become records: versions are evidence, shared values are not, keys are stable."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from core.project import Project
from resolution.model import load_model
from resolution.records.making import Frames, build_records
from sources.ingest import ingest
from sources.landed import LandedStore, landed_path
from sources.spec import load_specs

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def deliver(root: Path, source: str, name: str, rows: list[dict[str, str]]) -> None:
    path = root / "landing" / source / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        fields = list(dict.fromkeys(field for row in rows for field in row))
        writer = csv.DictWriter(file, fields)
        writer.writeheader()
        writer.writerows(rows)


def registration(key: str, **fields: str) -> dict[str, str]:
    return {"registration_id": key, "registered_at": "2025-01-01", **fields}


def order(key: str, **fields: str) -> dict[str, str]:
    base = {"ordered_at": "2026-01-01", "quantity": "1", "amount": "9.5", "currency": "CNY"}
    return {"transaction_id": key, **base, "status": "paid", **fields}


def frames_of(root: Path) -> Frames:
    return built(root)[0]


def built(root: Path) -> tuple[Frames, pl.DataFrame]:
    project = Project(root)
    specs = load_specs(project)
    ingest(project, specs, NOW)
    with LandedStore(landed_path(project), read_only=True) as store:
        return build_records(store, specs, load_model(project))


def test_an_earlier_version_of_a_registration_is_evidence_still(tmp_path: Path) -> None:
    deliver(tmp_path, "registration", "a.csv", [registration("R1", phone="+8613764209518")])
    newer = registration("R1", phone="+8615028861347", updated_at="2025-06-01")
    deliver(tmp_path, "registration", "b.csv", [newer])
    records = frames_of(tmp_path).records
    assert records.get_column("phone").to_list() == [["+8613764209518", "+8615028861347"]]
    assert records.get_column("phone_first").to_list() == ["+8615028861347"]


def test_a_phone_that_too_many_people_give_is_no_evidence(tmp_path: Path) -> None:
    names = ["Ann", "Bob", "Cy", "Dora", "Eve", "Finn", "Gus", "Hal", "Ida", "Jo"]
    rows = [
        registration(f"R{n}", full_name=f"{name} Berg", phone="+8613764209518")
        for n, name in enumerate(names)
    ]
    deliver(tmp_path, "registration", "a.csv", rows)
    frames, crowded = built(tmp_path)
    assert frames.records.get_column("phone").null_count() == len(names)
    assert crowded.rows() == [("phone", "+8613764209518", len(names), len(names))]
    phones = frames.values.filter(pl.col("attribute") == "phone")
    assert phones.height == len(names)
    assert not phones.get_column("verified").any()
    # who bears it is not forgotten: a later run may find that they are few again
    bearers = frames.bearers.filter(pl.col("standardiser") == "phone")
    assert sorted(bearers.get_column("record_id")) == list(range(len(names)))
    assert set(bearers.get_column("value")) == {"+8613764209518"}


def test_an_order_number_joins_feedback_to_its_order(tmp_path: Path) -> None:
    deliver(tmp_path, "transaction", "a.csv", [order("T1", buyer_name="Ann"), order("T2")])
    feedback = {"feedback_id": "F1", "submitted_at": "2026-02-01", "channel": "email"}
    deliver(tmp_path, "feedback", "a.csv", [{**feedback, "transaction_id": "T1"}])
    records = frames_of(tmp_path).records
    named = dict(records.select("source", "purchase").drop_nulls().iter_rows())
    assert named == {"feedback": ["T1"], "transaction": ["T1"]}


def test_what_cannot_be_read_is_kept_with_its_reason(tmp_path: Path) -> None:
    deliver(tmp_path, "registration", "a.csv", [registration("R1", email="not an email")])
    emails = frames_of(tmp_path).values.filter(pl.col("attribute") == "email")
    kept = emails.select("value", "written", "reason", "verified").rows()
    assert kept == [(None, "not an email", "not_an_email", False)]


@pytest.mark.parametrize("reverse", [False, True])
def test_record_numbers_do_not_depend_on_the_order_of_delivery(
    tmp_path: Path, reverse: bool
) -> None:
    rows = [registration(f"R{n}", full_name=f"Ann Berg{n}") for n in range(6)]
    deliver(tmp_path, "registration", "a.csv", rows[::-1] if reverse else rows)
    subjects = frames_of(tmp_path).records.sort("record_id").get_column("subject").to_list()
    assert subjects == [f"R{n}" for n in range(6)]


def test_every_landed_row_of_a_scored_source_is_a_member_once(tmp_path: Path) -> None:
    deliver(tmp_path, "registration", "a.csv", [registration("R1"), registration("R2")])
    deliver(tmp_path, "transaction", "a.csv", [order("T1"), order("T2"), order("T3")])
    members = frames_of(tmp_path).members
    keys = members.select("source", "source_record_id").rows()
    assert sorted(keys) == [
        ("registration", "R1"),
        ("registration", "R2"),
        ("transaction", "T1"),
        ("transaction", "T2"),
        ("transaction", "T3"),
    ]


def home_keys(root: Path, *addresses: dict[str, str]) -> list[str | None]:
    """The home_key of each address, in their order."""
    rows = [
        registration(f"R{place}", full_name=f"Ann {place}", **address)
        for place, address in enumerate(addresses)
    ]
    deliver(root, "registration", "first.csv", rows)
    values = frames_of(root).values.filter(pl.col("attribute") == "home_key")
    found = dict(values.select("source_record_id", "value").iter_rows())
    return [found.get(f"R{place}") for place in range(len(addresses))]


def test_spellings_of_one_dwelling_have_one_home_key(tmp_path: Path) -> None:
    english = home_keys(
        tmp_path / "english",
        {"address_line": "Flat 4, 12 Elm St.", "city": "LEEDS", "postcode": "ls11aa"},
        {"address_line": "12 elm street, Apt 4", "city": "Leeds"},
    )
    assert english == ["leeds, 12 elm street 4"] * 2
    chinese = home_keys(
        tmp_path / "chinese",
        {"address_line": "海淀区建国路88号3号楼2单元1203", "city": "北京市"},
        {"address_line": "北京市海淀区建国路８８号3栋2单元1203室", "city": "Beijing"},
    )
    assert chinese == ["北京, 88 建国路 3-2-1203"] * 2


def test_a_street_without_a_number_or_a_number_without_a_town_is_no_home(tmp_path: Path) -> None:
    assert home_keys(
        tmp_path,
        {"address_line": "Elm Street", "city": "Leeds"},
        {"address_line": "12 Elm Street"},
        {"city": "Leeds"},
        {"address_line": "李家村", "city": "徐州市"},
        {"address_line": "阳光花园3栋2单元1203", "city": "徐州市"},
    ) == [None, None, None, None, "徐州, 阳光花园 3-2-1203"]

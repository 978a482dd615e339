"""The golden customer as a whole: counts, times, confidence, contact points, further columns."""

from datetime import datetime
from typing import Any

from resolution.golden.customers import choose_golden_values
from resolution.model import CustomerModel


def model(**survivorship: Any) -> CustomerModel:
    return CustomerModel(
        standardise={
            "email": {"kind": "email", "attributes": {"email": "email"}, "many": True},
            "home": {"kind": "phone", "attributes": {"phone": "home_phone"}},
            "mobile": {"kind": "phone", "attributes": {"phone": "phone"}},
        },
        comparisons={},
        blocking={},
        thresholds={"link": 0.9, "clerical": 0.5},
        survivorship={
            name: {"attributes": name, "rules": rules} for name, rules in survivorship.items()
        },
        source_priority=["registration"],
    )


RECENT = model(email=["most_recent"], phone=["most_recent"])


def test_a_customer_sums_up_its_records(evidence: Any) -> None:
    evidence.sees(
        "C-1", "registration/r1", {"email": "a@example.org"}, "2024-01-01", probability=0.99
    )
    evidence.sees(
        "C-1", "transaction/t1", {"email": "a@example.org"}, "2026-03-01", probability=0.9
    )
    evidence.con.execute("INSERT INTO work.members VALUES ('transaction', 't2', 1, now())")
    choose_golden_values(evidence.con, RECENT)
    assert evidence.customer(
        "C-1",
        "record_count",
        "sources",
        "first_seen_at",
        "last_seen_at",
        "confidence",
        "updated_at",
    ) == (
        3,
        ["registration", "transaction"],
        datetime(2024, 1, 1),
        datetime(2026, 3, 1),
        0.9,
        datetime(2026, 3, 1),
    )


def test_a_single_record_is_certain(evidence: Any) -> None:
    evidence.sees("C-1", "registration/r1", {"email": "a@example.org"}, probability=0.4)
    choose_golden_values(evidence.con, RECENT)
    assert evidence.customer("C-1", "confidence") == (1.0,)


def test_contact_points_keep_every_way_to_reach_a_customer(evidence: Any) -> None:
    evidence.sees("C-1", "registration/r1", {"email": "a@example.org"}, "2024-01-01")
    evidence.sees(
        "C-1", "transaction/t1", {"email": "a@example.org", "phone": "+4420"}, "2025-01-01"
    )
    evidence.sees("C-1", "transaction/t2", {"email": "b@example.org"}, "2026-01-01")
    choose_golden_values(evidence.con, RECENT)
    assert evidence.con.execute("FROM golden.contact_points").fetchall() == [
        ("C-1", "email", "b@example.org", True,
         datetime(2026, 1, 1), datetime(2026, 1, 1), ["transaction"]),
        ("C-1", "email", "a@example.org", False,
         datetime(2024, 1, 1), datetime(2025, 1, 1), ["registration", "transaction"]),
        ("C-1", "phone", "+4420", True,
         datetime(2025, 1, 1), datetime(2025, 1, 1), ["transaction"]),
    ]  # fmt: skip


def test_a_number_known_as_home_and_mobile_is_one_contact_point(evidence: Any) -> None:
    evidence.sees("C-1", "registration/r1", {"home_phone": "+4420", "phone": "+4420"})
    choose_golden_values(evidence.con, RECENT)
    points = evidence.con.execute("SELECT kind, value, is_primary FROM golden.contact_points")
    assert points.fetchall() == [("phone", "+4420", True)]


def test_attributes_of_another_model_become_further_columns(evidence: Any) -> None:
    evidence.sees("C-1", "guide/g1", {"cuisine": "Thai", "phone": "+1212"})
    choose_golden_values(evidence.con, model(cuisine=["longest"], phone=["longest"]))
    assert evidence.customer("C-1", "phone", "cuisine", "full_name") == ("+1212", "Thai", None)
    comments = evidence.con.execute(
        "SELECT comment FROM duckdb_columns() "
        "WHERE column_name = 'cuisine' AND schema_name = 'golden'"
    ).fetchall()
    assert comments[0][0]


def test_a_date_of_birth_is_published_as_a_date(evidence: Any) -> None:
    evidence.sees("C-1", "registration/r1", {"date_of_birth": "1985-04-03"})
    choose_golden_values(evidence.con, model(date_of_birth=["most_recent"]))
    assert evidence.customer("C-1", "date_of_birth") == (datetime(1985, 4, 3).date(),)


def test_every_published_value_has_its_provenance(evidence: Any) -> None:
    evidence.sees("C-2", "registration/r1", {"email": "a@example.org", "phone": "+4420"})
    evidence.sees("C-1", "registration/r2", {"email": "b@example.org", "phone": None})
    choose_golden_values(evidence.con, RECENT)
    assert evidence.con.execute(
        "SELECT entity_id, attribute, value FROM golden.provenance"
    ).fetchall() == [
        ("C-1", "email", "b@example.org"),
        ("C-2", "email", "a@example.org"),
        ("C-2", "phone", "+4420"),
    ]

"""Each figure of the marts on a few rows whose answer is known."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.errors import ConfigError
from core.project import Project
from warehouse.mart_settings import OWN_SETTINGS, load_mart_settings


def buys(shop: Any, entity: str, on: str, amount: float = 10, **row: Any) -> None:
    number = len(shop.landed.get("transaction", []))
    shop.knows(entity, "transaction", transaction_id=f"t{number}", ordered_at=on, quantity=1,
               amount=amount, **({"currency": "USD", "status": "paid"} | row))  # fmt: skip


def says(shop: Any, entity: str, on: str, channel: str = "survey", **row: Any) -> None:
    number = len(shop.landed.get("feedback", []))
    shop.knows(
        entity, "feedback", feedback_id=f"f{number}", submitted_at=on, channel=channel, **row
    )


def test_revenue_counts_paid_orders_alone(shop: Any, ask: Any) -> None:
    buys(shop, "C-1", "2026-01-01", 10, product_category="tea")
    buys(shop, "C-1", "2026-01-02", 20.004, product_category="tea")
    buys(shop, "C-1", "2026-01-03", 5, status="refunded", product_category="pots")
    buys(shop, "C-1", "2026-01-04", 7, status="cancelled")
    buys(shop, "C-1", "2026-01-05", 8, status=None)
    assert ask(
        shop.build(),
        "SELECT orders, revenue, average_order_value, refunded_orders, refunded_amount, "
        "cancelled_orders, orders_of_unknown_status, favourite_category, first_order_at, "
        "last_order_at FROM marts.customer_360",
    ) == [
        (2, Decimal("30.00"), Decimal("15.00"), 1, Decimal("5.00"), 1, 1, "tea",
         datetime(2026, 1, 1), datetime(2026, 1, 2))
    ]  # fmt: skip


def test_currencies_are_converted_never_just_added(shop: Any, ask: Any) -> None:
    buys(shop, "C-1", "2026-01-01", 100, currency="CNY")
    buys(shop, "C-1", "2026-01-02", 1)
    buys(shop, "C-1", "2026-01-03", 999, currency="XXX")
    assert ask(
        shop.build(), "SELECT orders, revenue, unconverted_orders, currency FROM marts.customer_360"
    ) == [(3, Decimal("15.00"), 1, "USD")]


def test_an_order_without_status_can_be_said_to_be_paid(shop: Any, ask: Any) -> None:
    buys(shop, "C-1", "2026-01-01", status=None)
    text = OWN_SETTINGS.read_text(encoding="utf-8")
    (shop.project.root / "marts.yml").write_text(
        text.replace("order_without_status: unknown", "order_without_status: paid"),
        encoding="utf-8",
    )
    assert ask(shop.build(), "SELECT orders FROM marts.customer_360") == [(1,)]


def test_visits_and_interactions_are_counted(shop: Any, ask: Any) -> None:
    shop.knows("C-1", "registration", registration_id="r1", registered_at="2025-01-01")
    for event, session, on in (("e1", "s", "2026-01-01"), ("e2", "s", "2026-01-01"),
                               ("e3", None, "2026-01-02")):  # fmt: skip
        shop.lands("web_behaviour", event_id=event, occurred_at=on, anonymous_id="a",
                   session_id=session, event_type="view")  # fmt: skip
    shop.frames["visitors"].append(
        ["web_behaviour", "a", "registration_id", "r1", "s", 1, "2026-01-01 00:00:00+00"]
    )
    shop.knows("C-1", "social", interaction_id="i1", occurred_at="2026-02-01", platform="p",
               account_id="x", interaction_type="like")  # fmt: skip
    assert ask(
        shop.build(),
        "SELECT web_events, visits, sessions, last_visit_at, interactions, last_activity_at "
        "FROM marts.customer_360",
    ) == [(3, 2, 1, datetime(2026, 1, 2), 1, datetime(2026, 2, 1))]


def test_every_customer_is_in_customer_360_and_lifecycle_once(shop: Any, ask: Any) -> None:
    shop.knows("C-2", "registration", registration_id="r1", registered_at="2025-01-01")
    for _ in range(3):
        buys(shop, "C-1", "2026-01-01")
        says(shop, "C-1", "2026-01-01", rating=3)
    built = shop.build()
    assert ask(built, "SELECT entity_id FROM marts.customer_360") == [("C-1",), ("C-2",)]
    assert ask(built, "SELECT entity_id FROM marts.lifecycle") == [("C-1",), ("C-2",)]


def test_rfm_scores_count_the_fifths_that_are_worse(shop: Any, ask: Any) -> None:
    for place in range(1, 6):
        for _ in range(place):
            buys(shop, f"C-{place}", f"2026-0{place}-01", 10)
    rows = ask(shop.build(), "SELECT entity_id, recency_days, frequency, cell FROM marts.rfm")
    assert rows == [
        ("C-1", 120, 1, "111"),
        ("C-2", 89, 2, "222"),
        ("C-3", 61, 3, "333"),
        ("C-4", 30, 4, "444"),
        ("C-5", 0, 5, "555"),
    ]


def test_equal_buyers_score_alike(shop: Any, ask: Any) -> None:
    for place in range(4):
        buys(shop, f"C-{place}", "2026-01-01")
    buys(shop, "C-9", "2026-02-01", 99)
    rows = ask(shop.build(), "SELECT cell, segment FROM marts.rfm")
    assert rows == [*[("111", "lost")] * 4, ("515", "big spenders")]


def test_lifecycle_stages_follow_the_orders(shop: Any, ask: Any) -> None:
    orders = {
        "new": ("2026-06-01", "2026-06-15"),
        "active": ("2025-01-01", "2026-06-01"),
        "at_risk": ("2025-01-01", "2025-12-01"),
        "lapsed": ("2025-01-01", "2025-03-01"),
        "lost": ("2020-01-01", "2020-02-01"),
    }
    for stage, (first, last) in orders.items():
        buys(shop, stage, first)
        buys(shop, stage, last)
    buys(shop, "prospect", "2026-06-30", status="cancelled")
    found = ask(shop.build(), "SELECT entity_id, stage FROM marts.lifecycle")
    assert len(found) == 6
    assert all(entity == stage for entity, stage in found)


def satisfaction(shop: Any, ask: Any) -> Any:
    columns = "average_rating, nps_latest, nps_class, complaints, complaints_open, score, band"
    return ask(shop.build(), f"SELECT {columns} FROM marts.satisfaction")[0]


def test_satisfaction_weighs_ratings_and_the_latest_recommendation(shop: Any, ask: Any) -> None:
    says(shop, "C-1", "2026-01-01", rating=5, nps=2)
    says(shop, "C-1", "2026-02-01", rating=4, nps=9)
    assert satisfaction(shop, ask) == (4.5, 9.0, "promoter", 0, 0, 88.5, "delighted")


def test_open_complaints_cost_more_than_closed_ones(shop: Any, ask: Any) -> None:
    says(shop, "C-1", "2026-01-01", rating=5)
    says(shop, "C-1", "2026-01-02", "complaint", status="Resolved")
    says(shop, "C-1", "2026-01-03", "complaint", resolved_at="2026-01-04")
    says(shop, "C-1", "2026-01-04", "complaint", status="new")
    assert satisfaction(shop, ask)[3:] == (3, 1, 55.0, "mixed")


def test_complaints_alone_are_taken_from_the_neutral_score(shop: Any, ask: Any) -> None:
    says(shop, "C-1", "2026-01-04", "complaint")
    assert satisfaction(shop, ask) == (None, None, None, 1, 1, 25.0, "dissatisfied")


def test_feedback_that_says_nothing_has_no_score(shop: Any, ask: Any) -> None:
    says(shop, "C-1", "2026-01-04", "call")
    assert satisfaction(shop, ask)[5:] == (None, "unknown")


def test_feedback_outside_the_window_plays_no_part(shop: Any, ask: Any) -> None:
    says(shop, "C-1", "2024-01-01", rating=1)
    says(shop, "C-1", "2026-01-01", rating=5)
    assert satisfaction(shop, ask)[0] == 5.0


def test_ages_are_counted_to_the_newest_event_in_the_data(shop: Any, ask: Any) -> None:
    buys(shop, "C-1", "2026-01-01")
    shop.lands("web_behaviour", event_id="e", occurred_at="2026-01-11", anonymous_id="nobody",
               event_type="view")  # fmt: skip
    built = shop.build()
    assert ask(built, "SELECT recency_days FROM marts.rfm") == [(10,)]
    assert ask(built, "SELECT value FROM marts.settings WHERE setting = 'as_of'") == [
        ('"2026-01-11T00:00:00"',)
    ]


def test_ages_can_be_counted_to_a_set_date(shop: Any, ask: Any) -> None:
    buys(shop, "C-1", "2026-01-01")
    text = OWN_SETTINGS.read_text(encoding="utf-8").replace("as_of: null", "as_of: 2026-01-31")
    (shop.project.root / "marts.yml").write_text(text, encoding="utf-8")
    assert ask(shop.build(), "SELECT recency_days FROM marts.rfm") == [(30,)]


def test_marts_build_on_one_profile_source_alone(make_shop: Any, ask: Any) -> None:
    shop = make_shop("registration")
    shop.knows("C-1", "registration", registration_id="r1", registered_at="2025-01-01")
    built = shop.build()
    assert ask(built, "SELECT orders, revenue, visits, complaints FROM marts.customer_360") == [
        (0, Decimal("0.00"), 0, 0)
    ]
    assert ask(built, "SELECT stage FROM marts.lifecycle") == [("prospect",)]
    assert ask(built, "SELECT count(*) FROM marts.rfm") == [(0,)]


def test_marts_build_on_nothing_at_all(empty_candidate: Any) -> None:
    assert empty_candidate.execute("SELECT count(*) FROM marts.customer_360").fetchall() == [(0,)]


def test_marts_can_be_built_again_on_the_same_candidate(shop: Any, ask: Any) -> None:
    from warehouse.connection import open_candidate
    from warehouse.mart_build import build_marts

    buys(shop, "C-1", "2026-01-01")
    built = shop.build()
    first = ask(built, "FROM marts.customer_360")
    with open_candidate(built) as con:
        build_marts(con, shop.specs, load_mart_settings(shop.project))
    assert ask(built, "FROM marts.customer_360") == first


def test_every_problem_of_marts_yml_is_reported(tmp_path: Path) -> None:
    text = OWN_SETTINGS.read_text(encoding="utf-8")
    text = text.replace("reporting: USD", "reporting: CHF").replace("new: 60", "new: 600")
    (tmp_path / "marts.yml").write_text(f"{text}\nrfm: no\n", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_mart_settings(Project(tmp_path))
    assert len(refused.value.problems) == 3


def test_segments_that_leave_a_customer_out_are_refused(tmp_path: Path) -> None:
    text = OWN_SETTINGS.read_text(encoding="utf-8")
    (tmp_path / "marts.yml").write_text(
        text.replace("  - {name: lost, recency: [1, 1]}\n", ""), encoding="utf-8"
    )
    with pytest.raises(ConfigError, match="recency 1, frequency 1"):
        load_mart_settings(Project(tmp_path))

"""Which value survives, by which rule, and what is kept of the others."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ConfigError
from core.project import Project
from resolution.golden.customers import choose_golden_values
from resolution.golden.survivorship import RULES, choices_of
from resolution.model import CustomerModel, load_model

PRIORITY = ["registration", "transaction"]


def model_of(
    survivorship: dict[str, Any], standardise: dict[str, Any] | None = None
) -> CustomerModel:
    return CustomerModel(
        standardise=standardise or {},
        comparisons={},
        blocking={},
        thresholds={"link": 0.9, "clerical": 0.5},
        survivorship=survivorship,
        source_priority=PRIORITY,
    )


def email_by(*rules: str) -> CustomerModel:
    return model_of({"email": {"attributes": "email", "rules": rules}})


@pytest.mark.parametrize(
    ("rule", "winner"),
    [
        ("most_recent", "new@example.org"),
        ("most_frequent", "often@example.org"),
        ("source_priority", "own@example.org"),
        ("longest", "the.longest.of.them@example.org"),
        ("most_complete", "the.longest.of.them@example.org"),
        ("verified_first", "sure@example.org"),
        ("han_first", "张@example.org"),
    ],
)
def test_each_rule_picks_its_own_winner(evidence: Any, rule: str, winner: str) -> None:
    sees = evidence.sees
    sees("C-1", "registration/r1", {"email": "own@example.org"}, "2024-01-01", verified=False)
    sees("C-1", "transaction/t1", {"email": "new@example.org"}, "2026-05-01", verified=False)
    sees("C-1", "transaction/t2", {"email": "often@example.org"}, rows=9, verified=False)
    sees("C-1", "social/s1", {"email": "the.longest.of.them@example.org"}, verified=False)
    sees("C-1", "social/s2", {"email": "sure@example.org"})
    sees("C-1", "social/s3", {"email": "张@example.org"}, verified=False)
    choose_golden_values(evidence.con, email_by(rule))
    assert evidence.customer("C-1", "email") == (winner,)
    assert evidence.provenance("C-1", "email")[3] == rule


def test_every_rule_is_tried_above() -> None:
    tried = test_each_rule_picks_its_own_winner.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {rule for rule, _ in tried} == set(RULES)


def test_the_rule_reported_is_the_first_that_leaves_the_winner_alone(evidence: Any) -> None:
    evidence.sees("C-1", "registration/r1", {"email": "a@example.org"}, "2026-01-01")
    evidence.sees("C-1", "registration/r2", {"email": "b@example.org"}, "2026-02-01")
    evidence.sees("C-1", "transaction/t1", {"email": "c@example.org"}, "2026-03-01")
    choose_golden_values(evidence.con, email_by("verified_first", "source_priority", "most_recent"))
    value, source, row, rule, _ = evidence.provenance("C-1", "email")
    assert (value, source, row, rule) == ("b@example.org", "registration", "r2", "most_recent")


def test_a_tie_under_every_rule_goes_by_the_values_order(evidence: Any) -> None:
    evidence.sees("C-1", "registration/r2", {"email": "b@example.org"})
    evidence.sees("C-1", "registration/r1", {"email": "a@example.org"})
    choose_golden_values(evidence.con, email_by("source_priority", "most_recent"))
    assert evidence.provenance("C-1", "email")[:4] == (
        "a@example.org", "registration", "r1", "value_order",
    )  # fmt: skip


def test_a_value_without_rival_says_so(evidence: Any) -> None:
    evidence.sees("C-1", "registration/r1", {"email": "a@example.org"})
    evidence.sees("C-1", "transaction/t1", {"email": "a@example.org"}, "2026-02-02")
    choose_golden_values(evidence.con, email_by("most_recent"))
    assert evidence.provenance("C-1", "email") == (
        "a@example.org", "registration", "r1", "only_value", "[]",
    )  # fmt: skip


def test_alternatives_keep_every_losing_value_best_first(evidence: Any) -> None:
    evidence.sees("C-1", "registration/r1", {"email": "a@example.org"}, "2026-03-01")
    evidence.sees("C-1", "transaction/t1", {"email": "b@example.org"}, "2026-01-01", rows=2)
    evidence.sees("C-1", "transaction/t2", {"email": "b@example.org"}, "2026-02-01", rows=3)
    evidence.sees("C-1", "social/s1", {"email": "c@example.org"}, "2025-01-01")
    choose_golden_values(evidence.con, email_by("most_recent"))
    assert json.loads(str(evidence.provenance("C-1", "email")[4])) == [
        {"value": "b@example.org", "source": "transaction", "source_record_id": "t2",
         "last_observed_at": "2026-02-01 00:00:00", "rows": 5},
        {"value": "c@example.org", "source": "social", "source_record_id": "s1",
         "last_observed_at": "2025-01-01 00:00:00", "rows": 1},
    ]  # fmt: skip


def test_a_group_is_taken_from_one_observation(evidence: Any) -> None:
    model = model_of(
        {"address": {"attributes": ["address_line", "city"], "rules": ["most_complete"]}}
    )
    evidence.sees("C-1", "registration/r1", {"address_line": "1 Long Street"}, "2026-05-01")
    evidence.sees("C-1", "transaction/t1", {"address_line": "2 Hill", "city": "Leeds"})
    evidence.sees("C-1", "transaction/t2", {"city": "York"}, "2026-06-01")
    choose_golden_values(evidence.con, model)
    assert evidence.customer("C-1", "address_line", "city") == ("2 Hill", "Leeds")


def name_model() -> CustomerModel:
    names = ["full_name", "given_name", "family_name", "name_latin"]
    return model_of({"name": {"attributes": names, "rules": ["source_priority", "most_recent"]}})


def test_a_han_name_is_published_with_its_latin_form(evidence: Any) -> None:
    latin = {"full_name": "Wei Zhang", "given_name": "Wei", "family_name": "Zhang"}
    han = {"full_name": "张伟", "given_name": "伟", "family_name": "张", "name_latin": "Zhang Wei"}
    evidence.sees("C-1", "registration/r1", latin | {"name_latin": "Wei Zhang"}, "2026-05-01")
    evidence.sees("C-1", "social/s1", han)
    choose_golden_values(evidence.con, name_model())
    assert evidence.customer("C-1", "full_name", "given_name", "family_name", "name_latin") == (
        "张伟", "伟", "张", "Zhang Wei",
    )  # fmt: skip
    assert evidence.provenance("C-1", "full_name")[3] == "han_first"


def test_a_name_without_latin_form_takes_the_next_best_one(evidence: Any) -> None:
    evidence.sees("C-1", "registration/r1", {"full_name": "Анна"})
    evidence.sees("C-1", "transaction/t1", {"full_name": "Anna", "name_latin": "Anna"})
    choose_golden_values(evidence.con, name_model())
    assert evidence.customer("C-1", "full_name", "name_latin") == ("Анна", "Anna")
    assert evidence.provenance("C-1", "name_latin")[:4] == (
        "Anna", "transaction", "t1", "latin_form",
    )  # fmt: skip


def test_an_entity_without_any_value_is_a_customer_still(evidence: Any) -> None:
    evidence.sees("C-1", "registration/r1", {"email": None})
    choose_golden_values(evidence.con, email_by("most_recent"))
    assert evidence.customer("C-1", "email", "record_count") == (None, 1)


def test_unknown_rules_and_attributes_chosen_twice_are_all_reported() -> None:
    model = model_of(
        {
            "a": {"attributes": "email", "rules": ["newest"]},
            "b": {"attributes": ["email", "phone"], "rules": ["longest", "best"]},
        }
    )
    with pytest.raises(ConfigError) as refused:
        choices_of(model)
    assert len(refused.value.problems) == 3


def test_the_default_models_survivorship_can_be_used(tmp_path: Path) -> None:
    assert choices_of(load_model(Project(tmp_path)))


OBSERVED = st.lists(
    st.tuples(
        st.sampled_from(["C-1", "C-2"]),
        st.sampled_from(["registration", "transaction", "social"]),
        st.sampled_from(["a@example.org", "b@example.org", "c@example.org", None]),
        st.sampled_from(["2026-01-01", "2026-02-01"]),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda seen: seen[:4],
)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seen=OBSERVED, rules=st.permutations(sorted(RULES)), data=st.data())
def test_golden_values_are_observed_and_do_not_depend_on_the_order_of_rows(
    seen: list[Any], rules: list[str], data: Any, new_evidence: Callable[[], Any]
) -> None:
    shuffled = data.draw(st.permutations(seen))
    outcome = golden_of(new_evidence(), seen, email_by(*rules))
    assert outcome == golden_of(new_evidence(), shuffled, email_by(*rules))
    for entity, email in outcome["customers"]:
        own = {value for owner, _, value, _, _ in seen if owner == entity and value}
        assert email in own if own else email is None


def golden_of(evidence: Any, seen: list[Any], model: CustomerModel) -> dict[str, Any]:
    for entity, source, value, on, rows in seen:
        evidence.sees(entity, f"{source}/{entity}{value}{on}", {"email": value}, on, rows=rows)
    choose_golden_values(evidence.con, model)
    golden = {
        "customers": evidence.con.execute(
            "SELECT entity_id, email FROM golden.customers"
        ).fetchall(),
        "provenance": evidence.con.execute("FROM golden.provenance").fetchall(),
    }
    evidence.con.close()
    return golden

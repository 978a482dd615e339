"""The repo's own specs say what the product promises, and wrong specs say all that is wrong."""

from pathlib import Path

import pytest
import yaml

from core.errors import ConfigError
from sources.currencies import CURRENCIES
from sources.spec import OWN_SPECS, SourceSpec, load_spec

NAMES = sorted(path.stem for path in OWN_SPECS.glob("*.yml"))
MODEL = yaml.safe_load((OWN_SPECS.parent / "resolution" / "customer.yml").read_text())
CANONICAL = {
    attribute
    for standardiser in MODEL["standardise"].values()
    for attribute in standardiser["attributes"].values()
}


def own(name: str) -> SourceSpec:
    return load_spec(OWN_SPECS / f"{name}.yml")


def test_seven_sources_come_with_the_product() -> None:
    assert NAMES == [
        "feedback",
        "interaction",
        "opportunity",
        "registration",
        "social",
        "transaction",
        "web_behaviour",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_field_is_described(name: str) -> None:
    assert [field for field, spec in own(name).fields.items() if not spec.description] == []


@pytest.mark.parametrize("name", NAMES)
def test_identity_uses_attributes_of_the_customer_model(name: str) -> None:
    assert set(own(name).identity) <= CANONICAL


@pytest.mark.parametrize(
    ("name", "required"),
    [
        ("registration", {"registration_id", "registered_at"}),
        (
            "transaction",
            {"transaction_id", "ordered_at", "quantity", "amount", "currency"},
        ),
        ("web_behaviour", {"event_id", "occurred_at", "anonymous_id", "event_type"}),
        (
            "social",
            {"interaction_id", "occurred_at", "platform", "account_id", "interaction_type"},
        ),
        ("feedback", {"feedback_id", "submitted_at", "channel"}),
    ],
)
def test_required_fields_are_the_contracts(name: str, required: set[str]) -> None:
    assert {field for field, spec in own(name).fields.items() if spec.required} == required


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("registration", ""),
        ("transaction", "transactions"),
        ("web_behaviour", "web_events"),
        ("social", "social_interactions"),
        ("feedback", "feedback"),
        ("interaction", "interactions"),
        ("opportunity", "opportunities"),
    ],
)
def test_events_name_the_table_that_publishes_them(name: str, facts: str) -> None:
    assert own(name).facts == facts


def test_currencies_are_codes_of_three_letters() -> None:
    assert all(len(code) == 3 and code.isupper() for code in CURRENCIES)
    assert {"EUR", "USD", "CNY", "GBP", "JPY", "HRK"} <= CURRENCIES
    assert not {"XXX", "XTS", "RMB"} & CURRENCIES


def test_every_problem_of_a_spec_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "shop.yml"
    path.write_text(
        "kind: event\nkey: id\nformat: {encoding: utf-99, delimiter: ';;'}\n"
        "fields: {id: {type: category}, n: {minimum: 1}}\ncolour: red\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_spec(path)
    told = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 5
    for part in ("format.encoding", "format.delimiter", "fields.id", "fields.n", "colour"):
        assert part in told


def shop(tmp_path: Path, more: str) -> SourceSpec:
    """The spec of a shop whose rows can be marked as gone in several ways."""
    path = tmp_path / "shop.yml"
    path.write_text(
        "kind: profile\nkey: id\nfields:\n  id: {}\n  name: {}\n  gone_at: {type: time}\n"
        "  state: {type: category, values: [open, Closed]}\n  flag: {type: integer}\n" + more
    )
    return load_spec(path)


def test_values_that_withdraw_are_texts_whatever_way_they_are_written(tmp_path: Path) -> None:
    spec = shop(
        tmp_path, "withdrawn_when: {state: CLOSED, flag: [1, '2'], name: 'x', gone_at: any}\n"
    )
    assert spec.withdrawn_when == {
        "state": ("CLOSED",),
        "flag": ("1", "2"),
        "name": ("x",),
        "gone_at": ("any",),
    }
    assert shop(tmp_path, "").delivery == "changes"


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("withdrawn_when: {lost: [x]}", "withdrawn_when: no field 'lost'; the fields are id, name"),
        ("withdrawn_when: {name: [yes]}", "in quotes, such as 'true'"),
        ("withdrawn_when: {name: []}", "list at least one value, or [any]"),
        ("withdrawn_when: {name: ['']}", "'' is blank"),
        ("withdrawn_when: {state: [gone]}", "'gone' is not one of open, Closed"),
        ("withdrawn_when: {flag: [one]}", "'one' is not a number"),
        ("withdrawn_when: {flag: [1.5]}", "'1.5' is not whole"),
        (
            "withdrawn_when: {gone_at: ['2025-01-01']}",
            "cannot be looked for in a time; write [any]",
        ),
        ("withdrawn_when: {id: [x]}", "'id' is the key"),
        ("delivery: whole", "Input should be 'changes' or 'snapshot'"),
    ],
)
def test_a_withdrawal_that_can_never_be_is_an_error(
    tmp_path: Path, setting: str, told: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        shop(tmp_path, setting)
    assert told in "\n".join(caught.value.problems)

"""A record that is asked about gets the columns that a run would give it, value by value."""

from typing import Any

import polars as pl
from resolved_twice import Resolved

from resolution.lookup.columns import Reading
from resolution.model import CustomerModel, load_model
from resolution.records.making import known_attributes, raw_records
from resolution.records.match_keys import referred_keys
from resolution.records.observations import TIMESTAMP, own_key_attributes
from sources.spec import SourceSpec

ODD: list[dict[str, str]] = [
    {"full_name": "欧阳 娜娜", "date_of_birth": "一九八五年十二月三十日", "country": "CN"},
    {"full_name": "王芳", "phone": "139 1234 5678", "email": "wangfang@qq.com"},
    {"full_name": "Екатерина Иванова", "email": "k.ivanova@yandex.ru"},
    {"given_name": "J", "family_name": "O'Neill-Smith", "postcode": "sw1a1aa"},
    {"full_name": "Lord Robert Smith of Kelvin Jr.", "date_of_birth": "03/04/85"},
    {"full_name": "Bob", "date_of_birth": "1985", "phone": "12", "email": "bob@gmial.com"},
    {"full_name": "test", "email": "noreply@example.com", "phone": "00000000"},
    {"full_name": "Maria José García", "date_of_birth": "2000-01-01", "gender": "Mrs"},
    {"address_line": "Flat 2, 14 High St, Leeds LS1 4AP", "country": "Narnia"},
    {"address_line": "北京市朝阳区建国路88号3栋201", "city": "北京"},
    {"loyalty_id": " ab-12 34 ", "wechat_unionid": "0000", "company": "Acme & Sons Ltd"},
    {"company": "上海某某有限公司", "job_title": "Head of R&amp;D", "marketing_consent": "granted"},
    {"email": "john.smith@gmail.com", "full_name": "John Smith"},
    {},
]


def run_columns(
    rows: list[dict[str, Any]], specs: dict[str, SourceSpec], model: CustomerModel
) -> list[dict[str, Any]]:
    """The records that a run makes of these rows, each a subject of its own."""
    attributes = known_attributes(specs, model)
    text = dict.fromkeys(["source", *attributes], pl.String())
    seen = pl.DataFrame(rows, schema=text).with_columns(
        subject=pl.format("s{}", pl.int_range(pl.len()).cast(pl.String).str.zfill(6)),
        keys=pl.lit(["k"]),
        newest_key=pl.lit("k"),
        rows=pl.lit(1, pl.UInt32),
        first_at=pl.lit(None, TIMESTAMP),
        last_at=pl.lit(None, TIMESTAMP),
    )
    order = ["source", "subject", *attributes, "keys", "newest_key", "rows", "first_at", "last_at"]
    raw = raw_records([seen.select(order)], specs, model, 0)
    nobody = pl.DataFrame(schema={"standardiser": pl.String, "value": pl.String})
    return raw.frames(nobody).records.sort("subject").to_dicts()


def reading_of(model: CustomerModel, specs: dict[str, SourceSpec]) -> Reading:
    return Reading(
        model,
        {name: spec.country for name, spec in specs.items() if spec.country},
        {name: frozenset(spec.self_chosen) for name, spec in specs.items()},
        {},
        {name: frozenset(own_key_attributes(spec)) for name, spec in specs.items()},
        dict.fromkeys(referred_keys(specs, model), frozenset()),
    )


def test_every_delivered_row_gets_the_columns_of_a_run(resolved: Resolved) -> None:
    model, specs = load_model(resolved.project), resolved.specs
    attributes, reading = known_attributes(specs, model), reading_of(model, specs)
    for source in resolved.scored():
        rows = resolved.written(source).to_dicts()
        own = own_key_attributes(specs[source])  # what a run does with them: see below
        asked = [{x: None if x in own else row.get(x) for x in attributes} for row in rows]
        expected = run_columns([{"source": source, **row} for row in asked], specs, model)
        for row, record in zip(asked, expected, strict=True):
            found = reading.columns(row, source)
            assert found == {name: record[name] for name in found}
            assert {"source", "subject", "rows"} >= record.keys() - found.keys() - {
                "record_id",
                "first_seen_at",
                "last_seen_at",
            }


def test_odd_values_get_the_columns_of_a_run(resolved: Resolved) -> None:
    model, specs = load_model(resolved.project), resolved.specs
    reading = reading_of(model, specs)
    expected = run_columns([{"source": "registration", **row} for row in ODD], specs, model)
    for row, record in zip(ODD, expected, strict=True):
        found = reading.columns(row, "registration")
        assert found == {name: record[name] for name in found}


def test_what_too_many_people_share_is_no_evidence(resolved: Resolved) -> None:
    model = load_model(resolved.project)
    reading = Reading(model, {}, {}, {"phone": frozenset({"+8613764209518"})}, {}, {})
    found = reading.columns({"phone": "+86 137 6420 9518", "full_name": "Ann Lee"})
    assert found["phone"] is None and found["phone_first"] is None
    assert found["phone_tails"] is None and found["name_family_key"] == "lee"


def test_an_order_number_is_evidence_of_the_order_only_where_somebody_refers_to_it(
    resolved: Resolved,
) -> None:
    model = load_model(resolved.project)
    own, referred = {"transaction": frozenset({"order_id"})}, {"purchase": frozenset({"T-1"})}
    reading = Reading(model, {}, {}, {}, own, referred)
    found = [reading.columns({"order_id": key}, "transaction") for key in ("T-1", "T-2")]
    assert [each["purchase"] for each in found] == [["T-1"], None]
    assert [each["purchase_first"] for each in found] == [None, None]
    assert reading.columns({"order_id": "T-2"}, "feedback")["purchase_first"] == "T-2"

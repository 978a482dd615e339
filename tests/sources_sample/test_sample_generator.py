"""The sample holds what it says: readable sources, an exact truth, difficulties, bad rows."""

import csv
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from core.errors import ConfigError, ProjectError
from sources.sample import SampleReport, make_sample, making
from sources.sample import people as sample_people
from sources.sample.dice import FOLDER, written_rates

FIELDS = {
    "registration": "registration_id registered_at updated_at full_name given_name family_name "
    "gender date_of_birth email phone address_line city region postcode country company job_title "
    "loyalty_id wechat_unionid marketing_consent channel",
    "transaction": "transaction_id ordered_at registration_id loyalty_id buyer_name buyer_email "
    "buyer_phone payment_token ship_address_line ship_city ship_region ship_postcode ship_country "
    "product_id product_category quantity amount currency status channel",
    "web_behaviour": "event_id occurred_at anonymous_id session_id device_id registration_id email "
    "event_type url product_id product_category campaign ip_address user_agent",
    "social": "interaction_id occurred_at platform account_id handle display_name wechat_unionid "
    "email phone city interaction_type text language",
    "feedback": "feedback_id submitted_at channel registration_id transaction_id contact_name "
    "contact_email contact_phone rating nps category text status resolved_at",
}
CHANNELS = {"survey", "complaint", "review", "call", "chat", "email"}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleReport:
    return make_sample(tmp_path_factory.mktemp("sample"), customers=2500)


def lines_of(path: Path) -> list[bytes]:
    body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return body.rstrip(b"\n").split(b"\n")


def delivered(root: Path, source: str) -> Iterator[dict[str, Any] | None]:
    """Every row as delivered; None for one whose text cannot be read."""
    for path in sorted((root / "landing" / source).iterdir()):
        if path.suffix == ".parquet":
            yield from pl.read_parquet(path).iter_rows(named=True)
            continue
        lines = lines_of(path)
        header = next(csv.reader([lines[0].decode()])) if ".csv" in path.name else []
        for line in lines[1:] if header else lines:
            try:
                text = line.decode()
                if not header:
                    yield json.loads(text)
                    continue
            except ValueError:
                yield None
                continue
            values = next(csv.reader(io.StringIO(text)))
            yield dict(zip(header, values, strict=True)) if len(values) == len(header) else None


def acceptable(source: str, row: dict[str, Any] | None) -> bool:
    """What the contract says about a row, written down once more without the generator."""
    if row is None:
        return False
    key, time, *_ = FIELDS[source].split()
    if not row[key] or not row[time] or not "2024" <= str(row[time]) < "2026-07":
        return False
    if source == "registration":
        return row["marketing_consent"] in ("granted", "denied", "unknown")
    if source == "transaction":
        return (
            float(row["quantity"]) > 0
            and row["amount"].replace(".", "").isdigit()
            and row["currency"] in ("CNY", "USD", "GBP")
            and row["status"] in ("paid", "refunded", "cancelled")
        )
    if source == "feedback":
        rating, nps = row["rating"], row["nps"]
        in_range = (rating is None or 1 <= rating <= 5) and (nps is None or 0 <= nps <= 10)
        return in_range and row["channel"] in CHANNELS
    required = {
        "web_behaviour": ("anonymous_id", "event_type"),
        "social": ("platform", "account_id", "interaction_type"),
    }[source]
    return all(row[name] for name in required)


def truth_of(root: Path) -> dict[tuple[str, str], int]:
    rows = pl.read_parquet(root / "truth.parquet").iter_rows()
    return {(source, key): customer for source, key, customer in rows}


def digest(root: Path) -> dict[str, str]:
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def test_same_arguments_give_the_same_bytes_whatever_the_threads(tmp_path: Path) -> None:
    make_sample(tmp_path / "here", customers=300, seed=3)
    code = (
        "import sys; from pathlib import Path; from sources.sample import make_sample; "
        "make_sample(Path(sys.argv[1]), customers=300, seed=3)"
    )
    surroundings = os.environ | {
        "PYTHONHASHSEED": "99",
        "POLARS_MAX_THREADS": "1",
        "TZ": "Asia/Tokyo",
    }
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "there")], env=surroundings, check=True
    )
    assert digest(tmp_path / "here") == digest(tmp_path / "there")


def test_another_seed_gives_other_customers(tmp_path: Path) -> None:
    make_sample(tmp_path / "a", customers=50, seed=1)
    make_sample(tmp_path / "b", customers=50, seed=2)
    assert digest(tmp_path / "a")["truth.parquet"] != digest(tmp_path / "b")["truth.parquet"]


@pytest.mark.parametrize("source", FIELDS)
def test_fields_are_the_contracts(sample: SampleReport, source: str) -> None:
    fields = FIELDS[source].split()
    rows = [row for row in delivered(sample.root, source) if row is not None]
    assert all(list(row) == fields for row in rows)


@pytest.mark.parametrize("source", [name for name in FIELDS if name != "web_behaviour"])
def test_truth_names_exactly_the_acceptable_rows(sample: SampleReport, source: str) -> None:
    key = FIELDS[source].split()[0]
    good = {row[key] for row in delivered(sample.root, source) if row and acceptable(source, row)}
    assert {record for name, record in truth_of(sample.root) if name == source} == good


@pytest.mark.parametrize("source", FIELDS)
def test_bad_rows_are_counted_to_the_row(sample: SampleReport, source: str) -> None:
    bad = [row for row in delivered(sample.root, source) if not acceptable(source, row)]
    assert len(bad) == sum(sample.bad[source].values()) > 0
    assert len(bad) < 0.02 * sample.rows[source]


@pytest.mark.parametrize("source", FIELDS)
def test_rows_delivered_are_those_reported(sample: SampleReport, source: str) -> None:
    assert sum(1 for _ in delivered(sample.root, source)) == sample.rows[source]


def test_known_visitors_of_the_truth_sign_in_or_leave_an_email(sample: SampleReport) -> None:
    known = {record for name, record in truth_of(sample.root) if name == "web_behaviour"}
    rows = [row for row in delivered(sample.root, "web_behaviour") if row]
    showed = {row["anonymous_id"] for row in rows if row["registration_id"] or row["email"]}
    visitors = {row["anonymous_id"] for row in rows}
    assert known <= showed
    assert 0.35 < len(known) / len(visitors) < 0.65


def test_a_visitor_is_anonymous_before_signing_in(sample: SampleReport) -> None:
    rows = [
        row for row in delivered(sample.root, "web_behaviour") if row and row["registration_id"]
    ]
    signed_in = {row["anonymous_id"] for row in rows}
    before = {
        row["anonymous_id"]
        for row in delivered(sample.root, "web_behaviour")
        if row and not row["registration_id"]
    }
    assert len(signed_in & before) > 100


def test_a_shared_device_shows_two_customers_and_is_in_nobodys_truth(sample: SampleReport) -> None:
    truth = truth_of(sample.root)
    seen: dict[str, set[int]] = {}
    for row in delivered(sample.root, "web_behaviour"):
        if row and row["registration_id"]:
            customer = truth["registration", row["registration_id"]]
            seen.setdefault(row["anonymous_id"], set()).add(customer)
    shared = {visitor for visitor, customers in seen.items() if len(customers) > 1}
    assert shared
    assert not any(("web_behaviour", visitor) in truth for visitor in shared)


def test_no_order_names_a_registration_or_card_of_somebody_else(sample: SampleReport) -> None:
    truth = truth_of(sample.root)
    cards = {
        row["loyalty_id"]: truth["registration", row["registration_id"]]
        for row in delivered(sample.root, "registration")
        if acceptable("registration", row) and row and row["loyalty_id"]
    }
    for row in delivered(sample.root, "transaction"):
        if row and acceptable("transaction", row):
            customer = truth["transaction", row["transaction_id"]]
            registration = row["registration_id"]
            assert not registration or truth["registration", registration] == customer
            assert cards.get(row["loyalty_id"], customer) == customer


def test_a_newer_version_keeps_the_key_and_says_when(sample: SampleReport) -> None:
    versions: dict[str, list[str]] = {}
    for row in delivered(sample.root, "registration"):
        if row and acceptable("registration", row):
            versions.setdefault(row["registration_id"], []).append(row["updated_at"])
    twice = [stamps for stamps in versions.values() if len(stamps) == 2]
    assert len(twice) == sample.planted["newer_registration_versions"] > 0
    assert all(sorted(map(bool, stamps)) == [False, True] for stamps in twice)


def test_part_of_one_file_is_delivered_again_unchanged(sample: SampleReport) -> None:
    (again,) = (sample.root / "landing").glob("*/*-again*")
    first = again.with_name(again.name.replace("-again", ""))
    assert set(lines_of(again)) < set(lines_of(first))


@pytest.mark.parametrize(
    "difficulty",
    [
        "households_of_2", "households_of_4", "shared_phones", "shared_mailboxes", "shared_cards",
        "sons_named_after_father", "twins", "moved", "changed_phone", "changed_email",
        "married_name", "followers_only", "chinese_abroad", "duplicate_registrations",
        "orders_without_registration_id", "visitors_shared", "social_accounts_without_identifier",
    ],
)  # fmt: skip
def test_difficulty_is_planted(sample: SampleReport, difficulty: str) -> None:
    assert sample.planted[difficulty] > 0


def test_a_late_row_comes_in_a_later_file(sample: SampleReport) -> None:
    path = sample.root / "landing" / "transaction" / "transaction-2026h1-0000.csv.gz"
    rows = list(
        csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode(errors="replace")))
    )
    assert any(row["ordered_at"] and row["ordered_at"] < "2026-01-01" for row in rows)


def test_half_of_the_names_are_chinese_and_some_of_those_in_pinyin(sample: SampleReport) -> None:
    names = [
        row["full_name"] or row["family_name"]
        for row in delivered(sample.root, "registration")
        if row and (row["full_name"] or row["family_name"])
    ]
    han = sum("\u4e00" <= name[0] <= "\u9fff" for name in names) / len(names)
    assert 0.35 < han < 0.5
    assert sample.planted["chinese_names"] / sample.customers > han


def test_no_noise_means_no_slips(tmp_path: Path) -> None:
    report = make_sample(tmp_path, customers=400, noise=0)
    rows = list(delivered(tmp_path, "registration"))
    assert not any(sum(reasons.values()) for reasons in report.bad.values())
    assert report.planted["duplicate_registrations"] == 0
    assert all(row and row["email"] == row["email"].lower() for row in rows)
    assert not any(row and row["date_of_birth"].startswith("1900") for row in rows)


def test_more_noise_means_more_bad_rows(tmp_path: Path, sample: SampleReport) -> None:
    loud = make_sample(tmp_path, customers=2500, noise=3)
    assert sum(loud.bad["transaction"].values()) > 2 * sum(sample.bad["transaction"].values())


def test_blocks_share_no_key_phone_or_mailbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "BLOCK", 150)
    monkeypatch.setattr(sample_people, "BLOCK", 150)
    report = make_sample(tmp_path, customers=450, noise=0)
    truth = truth_of(tmp_path)
    assert len(set(truth.values())) == 450
    owners: dict[str, set[int]] = {}
    for row in delivered(tmp_path, "registration"):
        assert row is not None
        for name in ("email", "phone", "loyalty_id", "wechat_unionid"):
            value = "".join(letter for letter in row[name] if letter.isalnum())[-10:]
            if name in ("email", "loyalty_id") and value:
                value = row[name]
            if value:
                block = truth["registration", row["registration_id"]] // 150
                owners.setdefault(f"{name} {value}", set()).add(block)
    assert all(len(blocks) == 1 for blocks in owners.values())
    assert len(report.files) == sum(1 for path in tmp_path.rglob("landing/*/*"))


def test_a_landing_with_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "landing" / "registration" / "mine.csv"
    kept.parent.mkdir(parents=True)
    kept.write_text("registration_id\n1\n")
    with pytest.raises(ProjectError, match="not empty"):
        make_sample(tmp_path, customers=10)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [kept]


def test_an_empty_landing_is_filled(tmp_path: Path) -> None:
    (tmp_path / "landing").mkdir()
    make_sample(tmp_path, customers=10)
    assert any((tmp_path / "landing").iterdir())


def test_a_failure_leaves_no_landing(tmp_path: Path) -> None:
    def fail(line: str) -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        make_sample(tmp_path, customers=10, report=fail)
    assert not any(tmp_path.rglob("*"))


def test_every_impossible_argument_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        make_sample(tmp_path, customers=0, noise=-1, chinese_share=2)
    assert len(caught.value.problems) == 3


def test_one_customer_is_a_sample(tmp_path: Path) -> None:
    make_sample(tmp_path, customers=1)
    assert set(truth_of(tmp_path).values()) == {0}


def test_the_account_holds_counts_and_evidence(sample: SampleReport) -> None:
    account = json.loads((sample.root / "sample.json").read_text(encoding="utf-8"))
    assert account["rows"] == dict(sample.rows)
    assert account["rates"]["one_character_given_name"]["rate"] == 0.063
    assert all(entry["evidence"] for entry in account["rates"].values())


@pytest.mark.parametrize("name", written_rates())
def test_every_rate_is_used(name: str) -> None:
    assert any(f'"{name}"' in path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py"))

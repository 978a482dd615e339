"""Records in, clusters out: the same for every thread count, and never across a contradiction."""

import json
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest
from test_records import deliver, frames_of, order, registration

from core.project import Project
from resolution.matching.full import Matched, match_records
from resolution.model import load_model
from resolution.training.trained import levels_of, model_from_json, model_to_json

GIVEN = ["Alice", "Bruno", "Carla", "David", "Edith", "Frank", "Greta", "Hugo", "Irene", "Jonas"]
FAMILY = ["Abbott", "Becker", "Calder", "Dunmore", "Ellison", "Farrow", "Gibbons", "Harlow"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eighty people with a registration and two orders each, and a couple sharing everything."""
    root = tmp_path_factory.mktemp("shop")
    registrations, orders = [], []
    people = [(given, family) for given in GIVEN for family in FAMILY]
    for number, (given, family) in enumerate(people):
        contact = {
            "email": f"{given.lower()}.{family.lower()}{number}@example.org",
            "phone": f"+86138{number:08d}",
        }
        born = f"{1960 + number % 40}-0{1 + number % 9}-1{number % 9}"
        registrations.append(
            registration(
                f"R{number:03d}",
                full_name=f"{given} {family}",
                date_of_birth=born,
                address_line=f"{number + 1} Harbour Street",
                city="Bristol",
                **contact,
            )
        )
        orders.append(
            order(f"T{number:03d}a", buyer_name=f"{given} {family}", buyer_email=contact["email"])
        )
        orders.append(
            order(
                f"T{number:03d}b",
                buyer_name=f"{given[0]}. {family}",
                buyer_phone=contact["phone"],
            )
        )
    shared = {"email": "winters@example.org", "phone": "+8613999999999", "city": "Leeds"}
    shared["address_line"] = "9 Mill Lane"
    for key, name in (("R900", "Martha Winters"), ("R901", "Quentin Winters")):
        registrations.append(registration(key, full_name=name, **shared))
    deliver(root, "registration", "a.csv", registrations)
    deliver(root, "transaction", "a.csv", orders)
    return root


def matched(root: Path, threads: int = 2, **options: object) -> tuple[Matched, pl.DataFrame]:
    frames = frames_of(root)
    with duckdb.connect(config={"threads": threads}) as connection:
        found = match_records(
            connection, frames.records.lazy(), load_model(Project(root)), **options
        )  # type: ignore[arg-type]
    named = frames.records.select("record_id", "source", "subject").join(
        found.clusters, on="record_id"
    )
    return found, named


def test_a_customers_orders_join_their_registration(shop: Path) -> None:
    _, named = matched(shop)
    registrations = named.filter(
        (pl.col("source") == "registration") & ~pl.col("subject").str.starts_with("R90")
    )
    sizes = named.group_by("cluster_id").len("size")
    joined = registrations.join(sizes, on="cluster_id")
    assert registrations.get_column("cluster_id").n_unique() == 80
    assert (joined.get_column("size") == 3).sum() >= 76


def test_a_couple_that_shares_everything_but_its_given_names_stays_two(shop: Path) -> None:
    found, named = matched(shop)
    couple = named.filter(pl.col("subject").is_in(["R900", "R901"]))
    assert couple.get_column("cluster_id").n_unique() == 2
    ends = set(couple.get_column("record_id"))
    pair = found.pairs.filter(pl.col("record_id_l").is_in(ends) & pl.col("record_id_r").is_in(ends))
    assert pair.get_column("status").to_list() == ["refused"]
    assert json.loads(pair.get_column("why")[0])["refused"] == "clearly different names"


def test_threads_do_not_change_pairs_or_clusters(shop: Path) -> None:
    one, _ = matched(shop, threads=1)
    four, _ = matched(shop, threads=4)
    assert one.clusters.equals(four.clusters)
    ends = ["record_id_l", "record_id_r", "status", "why"]
    assert one.pairs.select(ends).equals(four.pairs.select(ends))


def test_a_model_that_was_kept_decides_as_it_did(shop: Path) -> None:
    first, _ = matched(shop)
    kept = model_from_json(json.loads(json.dumps(model_to_json(first.trained))))
    again, _ = matched(shop, fixed=replace(first.fixed, trained=kept))
    assert kept == first.trained
    assert again.clusters.equals(first.clusters)
    assert again.pairs.equals(first.pairs)


def test_the_reasons_of_a_pair_add_up_to_its_weight(shop: Path) -> None:
    found, _ = matched(shop)
    for weight, why in found.pairs.select("match_weight", "why").head(50).iter_rows():
        parts = [part for part in json.loads(why).values() if isinstance(part, dict)]
        told = sum(part["weight"] + part["tf"] for part in parts)
        before = weight - told
        assert before < 0
        assert before == pytest.approx(_prior_weight(found), abs=0.01)


def _prior_weight(found: Matched) -> float:
    import math

    prior = found.trained.prior
    return math.log2(prior / (1 - prior))


def test_the_model_can_be_read_level_by_level(shop: Path) -> None:
    found, _ = matched(shop)
    levels = levels_of(found.trained)
    assert levels.row(0)[:3] == ("prior", 0, "any two records")
    assert levels.get_column("match_weight")[0] == pytest.approx(_prior_weight(found))
    assert found.trained.chosen is not None
    assert levels.row(1)[:3] == ("link", 0, found.trained.chosen.why)
    emails = levels.filter(pl.col("comparison") == "email")
    assert emails.get_column("place").to_list() == list(range(1, emails.height + 1))
    weights = dict(emails.select("level", "match_weight").iter_rows())
    assert weights["same email"] > 5
    assert weights["different emails"] < 0


def test_one_record_is_one_cluster(tmp_path: Path) -> None:
    deliver(tmp_path, "registration", "a.csv", [registration("R1", full_name="Ann Berg")])
    found, named = matched(tmp_path)
    assert found.pairs.height == 0
    assert named.select("subject", "matched_by").rows() == [("R1", "only record")]

"""Each gate lets the healthy through and stops what it is there for."""

from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pytest
from healthy_project import PEOPLE, change_frame, two_each, write_candidate, write_frames

from core.errors import ProjectError
from core.ids import mint_entity_id
from core.project import Project
from quality.checks import check_golden, check_matching, check_stage, failures_of, run_suite
from quality.metrics import measure_golden
from quality.suites import load_suite
from warehouse.history import CheckResult

Failed = Callable[[Sequence[CheckResult]], set[str]]
STRANGER = str(mint_entity_id("stranger"))


def test_healthy_matching_passes_without_a_release_before(project: Project) -> None:
    write_frames(project, two_each())
    assert failures_of(check_matching(project)) == []


def test_healthy_matching_passes_again_after_a_release(published: Project) -> None:
    assert failures_of(check_matching(published)) == []


def test_a_project_without_duplicates_is_healthy(project: Project) -> None:
    write_frames(project, range(159), pairs=0)
    assert failures_of(check_matching(project)) == []


def test_one_customer_with_a_handful_of_records_is_healthy(project: Project) -> None:
    write_frames(project, [0] * 5)
    assert failures_of(check_matching(project)) == []


def test_the_refusal_says_what_was_seen_and_what_is_allowed(project: Project) -> None:
    write_frames(project, [0] * 412 + list(range(1, 2000)))
    assert failures_of(check_matching(project)) == [
        "matching.values_per_entity_max: observed 412, allowed at most 40"
    ]


def test_a_giant_cluster_of_a_small_project_is_refused(project: Project, failed: Failed) -> None:
    write_frames(project, [0] * 40 + list(range(1, 80)))
    assert failed(check_matching(project)) == {"largest_value_share"}


def test_a_busy_customer_is_no_giant_cluster(project: Project) -> None:
    write_frames(project, [0] * 300 + list(range(1, 100)))
    few = pl.when(pl.col("record_id") < 300).then(pl.lit("vip@example.org")).otherwise("value")
    change_frame(project, "values", lambda frame: frame.with_columns(value=few))
    assert failures_of(check_matching(project)) == []


def test_losing_half_of_the_links_is_refused(published: Project, failed: Failed) -> None:
    split = [n if n < PEOPLE else 1000 + n // 2 for n in range(2 * PEOPLE)]
    write_frames(published, split)
    assert "kept_links_share" in failed(check_matching(published))


def test_losing_a_few_links_is_a_warning(published: Project) -> None:
    split = [n if n < 10 else 1000 + n // 2 for n in range(2 * PEOPLE)]
    write_frames(published, [n - 1000 + 0 if n >= 1000 else 500 + n for n in split])
    results = [each for each in check_matching(published) if each.check == "kept_links_share"]
    assert [(each.severity, each.passed) for each in results] == [
        ("critical", True),
        ("warning", False),
    ]


def test_merging_customers_wholesale_is_refused(published: Project, failed: Failed) -> None:
    write_frames(published, [n // 4 for n in range(2 * PEOPLE)])
    assert "entity_count_ratio" in failed(check_matching(published))


def test_linking_single_records_wholesale_is_refused(project: Project, failed: Failed) -> None:
    from healthy_project import AT

    from warehouse.release import publish, sign_audit

    write_frames(project, range(2 * PEOPLE), pairs=0)
    candidate = write_candidate(project)
    sign_audit(project, candidate, passed=True, failures=[], run="run 1")
    publish(project, candidate, "r1", AT)
    write_frames(project, two_each())
    assert "newly_linked_share" in failed(check_matching(project))


def test_new_rows_that_link_less_are_no_drift(published: Project) -> None:
    write_frames(published, two_each() + list(range(1000, 1000 + 4 * PEOPLE)))
    assert failures_of(check_matching(published)) == []


def test_ids_given_anew_are_refused(published: Project, failed: Failed) -> None:
    write_frames(published, [5000 + cluster for cluster in two_each()])
    assert failed(check_matching(published)) == {"kept_ids_share"}


def test_lost_rows_are_refused(published: Project, failed: Failed) -> None:
    write_frames(published, two_each()[: PEOPLE + PEOPLE // 2])
    assert "known_rows_share" in failed(check_matching(published))


def test_a_record_without_entity_is_refused(project: Project, failed: Failed) -> None:
    write_frames(project, two_each())
    holed = pl.when(pl.col("record_id") > 1).then("entity_id").alias("entity_id")
    change_frame(project, "entities", lambda frame: frame.with_columns(holed))
    assert "records_without_entity" in failed(check_matching(project))


def test_an_entity_of_two_clusters_is_refused(project: Project, failed: Failed) -> None:
    write_frames(project, two_each())
    change_frame(project, "entities", lambda frame: frame.with_columns(entity_id=pl.lit(STRANGER)))
    assert "clusters_without_one_id" in failed(check_matching(project))


def test_many_emails_of_one_entity_are_refused(project: Project, failed: Failed) -> None:
    write_frames(project, [*range(300), *[999] * 61])
    assert "values_per_entity_max" in failed(check_matching(project))


def test_healthy_golden_records_pass(healthy: Project) -> None:
    assert failures_of(check_stage(healthy, "marts")) == []


BREAKS = {
    "duplicate_entities": "INSERT INTO golden.customers FROM golden.customers LIMIT 1",
    "doubled_360": "INSERT INTO marts.customer_360 FROM marts.customer_360 LIMIT 1",
    "doubled_household_members": "INSERT INTO marts.households FROM marts.households LIMIT 1",
    "unknown_household_members": f"UPDATE marts.households SET entity_id = '{STRANGER}' "
    "WHERE rowid = 0",
    "malformed_households": "DELETE FROM marts.households WHERE rowid = 0",
    "customers_without_360": "DELETE FROM marts.customer_360 WHERE rowid = 0",
    "unknown_360": f"INSERT INTO marts.customer_360 VALUES ('{STRANGER}')",
    "rows_in_several_entities": "INSERT INTO identity.crosswalk SELECT c.source, "
    f"c.source_record_id, '{STRANGER}', 'x', 1, NULL FROM identity.crosswalk c LIMIT 1",
    "rows_without_their_entity": "DELETE FROM identity.crosswalk WHERE rowid = 0",
    "rows_of_unknown_entities": f"UPDATE identity.crosswalk SET entity_id = '{STRANGER}' "
    "WHERE rowid = 0",
    "entities_without_member": "INSERT INTO golden.customers (entity_id, record_count, sources, "
    f"confidence) VALUES ('{STRANGER}', 1, [], 1)",
    "ids_never_issued": "DELETE FROM identity.events WHERE sequence = 1",
    "values_without_provenance": "DELETE FROM golden.provenance WHERE rowid = 0",
    "provenance_without_value": "UPDATE golden.customers SET email = NULL WHERE rowid = 0",
    "doubled_provenance": "INSERT INTO golden.provenance FROM golden.provenance LIMIT 1",
    "provenance_of_other_entities": "UPDATE golden.provenance SET source_record_id = '119' "
    "WHERE source_record_id = '0'",
    "values_no_member_holds": "UPDATE golden.provenance SET value = 'b@example.org' "
    "WHERE rowid = 0",
    "malformed_emails": "UPDATE golden.customers SET email = 'nobody' WHERE rowid = 0",
    "malformed_phones": "UPDATE golden.customers SET phone = '0170 1' WHERE rowid = 0",
    "malformed_ids": "UPDATE golden.customers SET entity_id = 'C-1' WHERE rowid = 0",
    "entities_without_rows": "UPDATE golden.customers SET record_count = 0 WHERE rowid = 0",
    "impossible_confidences": "UPDATE golden.customers SET confidence = 1.5 WHERE rowid = 0",
    "seen_backwards": "UPDATE golden.customers SET first_seen_at = '2026-01-02', "
    "last_seen_at = '2026-01-01' WHERE rowid = 0",
    "doubled_contact_points": "INSERT INTO golden.contact_points FROM golden.contact_points "
    "LIMIT 1",
    "contacts_of_unknown_entities": "UPDATE golden.contact_points "
    f"SET entity_id = '{STRANGER}' WHERE rowid = 0",
    "values_without_contact_point": "UPDATE golden.contact_points SET is_primary = false",
    "merged_ids_alive": "INSERT INTO identity.events SELECT 999, NULL, 'r', 'merged', "
    "max(entity_id), min(entity_id), '' FROM golden.customers",
    "ids_issued_twice": "INSERT INTO identity.events FROM identity.events LIMIT 1",
    "broken_redirects": "INSERT INTO identity.events VALUES "
    f"(999, NULL, 'r', 'merged', '{STRANGER}', 'C-0', '')",
    "unknown_entities_in_facts": "CREATE TABLE facts.calls AS "
    f"SELECT '1' AS call_id, '{STRANGER}' AS entity_id",
}


@pytest.mark.parametrize("check", BREAKS)
def test_a_broken_candidate_is_refused(
    healthy: Project, broken_by: Callable[..., Path], failed: Failed, check: str
) -> None:
    figures = measure_golden(healthy, broken_by(BREAKS[check]))
    suite = load_suite(healthy, "golden")
    alone = [each for each in suite.expectations if each.column == check]
    results = run_suite(suite.model_copy(update={"expectations": tuple(alone)}), figures)
    assert failed(results) == {check}


def test_an_empty_candidate_is_refused(
    healthy: Project, broken_by: Callable[..., Path], failed: Failed
) -> None:
    empty = [
        f"DELETE FROM {table}"
        for table in ("golden.customers", "golden.provenance", "golden.contact_points")
    ]
    assert "entities" in failed(check_golden(healthy, broken_by(*empty)))


def test_every_critical_golden_check_is_broken_here(healthy: Project) -> None:
    suite = load_suite(healthy, "golden")
    critical = {each.column for each in suite.expectations if each.severity == "critical"}
    assert critical == {*BREAKS, "entities"}


def test_a_retired_heir_does_not_break_a_redirect(
    healthy: Project, broken_by: Callable[..., Path]
) -> None:
    heir = str(mint_entity_id("heir"))
    events = [
        f"(900, NULL, 'r', 'merged', '{heir}', '{STRANGER}', '')",
        f"(901, NULL, 'r', 'retired', '{heir}', NULL, '')",
    ]
    candidate = broken_by(f"INSERT INTO identity.events VALUES {', '.join(events)}")
    assert measure_golden(healthy, candidate)["broken_redirects"].to_list() == [0]


def test_a_stage_that_has_not_run_cannot_be_judged(project: Project) -> None:
    with pytest.raises(ProjectError, match="lacks members; run the stages before"):
        check_stage(project, "entities")

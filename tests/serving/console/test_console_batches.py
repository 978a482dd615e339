"""All pairs of one pattern in one go: what is shown before, what is recorded, how it is undone."""

import html
import re
from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest
from console_project import OTHER, PAIR, SignIn, said
from fastapi import FastAPI

from core.project import Project
from resolution.decisions import Decision, DecisionStore
from serving.console.alike import outcome_of
from serving.ground import Ground
from serving.roles import Role


class Changes:
    """What a trial of the next run says."""

    def as_json(self) -> dict[str, Any]:
        return {
            "entities": [{"entity_id": "C-1", "rows_before": 2, "rows_after": 3}],
            "values": [], "moved": [], "downstream": [], "pending_decisions": 0,
            "pending_deliveries": 0,
        }  # fmt: skip


def batch(browser: Any, **more: str) -> Any:
    form = {**PAIR, "verdict": "match", "csrf_token": browser.csrf, **more}
    return browser.post("/batch", data=form)


def mark_in(page: str) -> str:
    found = re.search(r'name="mark" value="(\w+)"', page)
    assert found
    return found.group(1)


def standing(project: Project) -> list[tuple[str, str]]:
    rows = DecisionStore(project).all().filter(pl.col("undone_at").is_null()).to_dicts()
    return [(row["verdict"], row["batch"]) for row in rows]


def test_a_pair_leads_to_all_that_are_like_it(sign_in: SignIn) -> None:
    browser = sign_in()
    assert 'data-key="a"' in browser.get("/pair", params=PAIR).text
    page = browser.get("/batch", params=PAIR).text
    assert "<b>2</b><span>pairs alike" in page and "names nearly the same" in page
    assert "registration/R-2" in page and "weibo:88" in page


def test_nothing_is_recorded_before_it_was_shown(
    sign_in: SignIn, console: Project, app: FastAPI
) -> None:
    tried: list[int] = []

    def preview(_project: Project, decisions: Sequence[Decision]) -> Changes:
        tried.append(len(decisions))
        return Changes()

    app.state.preview = preview
    browser = sign_in()
    page = batch(browser).text
    assert tried == [2] and "C-1" in page
    assert "<b>2</b><span>customers become part of another" in page
    assert not standing(console)
    assert "look again" in batch(browser, step="record", mark="of other pairs").text
    assert not standing(console)


def test_a_batch_is_recorded_audited_and_undone_as_one(
    sign_in: SignIn, console: Project, ground: Ground
) -> None:
    browser = sign_in()
    mark = mark_in(batch(browser, verdict="non-match").text)
    answer = batch(browser, verdict="non-match", step="record", mark=mark, note="twins")
    recorded = standing(console)
    name = recorded[0][1]
    assert recorded == [("non-match", name)] * 2 and name.startswith("alike-")
    row = ground.audit.newest()[0]
    assert (row.action, row.subject, row.detail["of"]) == ("decides together", name, 2)
    page = browser.get(answer.headers["location"]).text
    assert "0 pairs to decide" in page and html.escape(name) in page
    listed = browser.get("/decisions").text
    assert html.escape(name) in listed and 'action="/undo-batch"' in listed
    browser.post("/undo-batch", data={"batch": name, "csrf_token": browser.csrf})
    assert not standing(console) and "2 pairs to decide" in browser.get("/").text


def test_what_others_look_at_is_left_out(sign_in: SignIn, console: Project) -> None:
    mei, tom = sign_in(name="mei"), sign_in(name="tom")
    mei.get("/pair", params=OTHER)
    page = batch(tom).text
    assert "open with others" in page
    batch(tom, step="record", mark=mark_in(page))
    assert len(standing(console)) == 1


def test_what_would_contradict_is_left_out(sign_in: SignIn, console: Project) -> None:
    mei, tom = sign_in(name="mei"), sign_in(name="tom")
    far = {"left": PAIR["left"], "right": OTHER["right"]}  # the two ends of both pairs
    said(mei, "non-match", **far)
    page = batch(tom).text
    assert "<b>1</b><span>would contradict" in page
    batch(tom, step="record", mark=mark_in(page))
    assert [verdict for verdict, _ in standing(console)] == ["non-match", "match"]


def test_only_stewards_and_only_pairs_of_the_queue(sign_in: SignIn, console: Project) -> None:
    refused = sign_in(Role.ANALYST).get("/batch", params=PAIR)
    assert refused.status_code == 403 and 'aria-label="Pages"' in refused.text
    steward = sign_in()
    assert steward.get("/batch", params={**PAIR, "right": "social/weibo:88"}).status_code == 400
    assert batch(steward, verdict="perhaps").status_code == 400
    assert batch(steward, csrf_token="other").status_code == 403
    assert not standing(console)


@pytest.mark.parametrize(
    ("verdict", "told"), [("match", (2, 0, 1)), ("non-match", (0, 1, 3)), ("unsure", (0, 0, 4))]
)
def test_what_a_verdict_comes_to(verdict: str, told: tuple[int, int, int]) -> None:
    ends = [("A", "B"), ("B", "C"), ("C", "A"), ("D", "D")]
    pairs = pl.DataFrame(ends, schema=["entity_id_l", "entity_id_r"], orient="row")
    found = outcome_of(pairs, verdict)
    assert (found.joined, found.parted, found.unchanged) == told

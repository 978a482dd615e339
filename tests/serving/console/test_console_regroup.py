"""Splits and merges: nothing is recorded before it was shown, and a batch is undone as one."""

from collections.abc import Sequence
from typing import Any

import pytest
from console_project import SignIn
from fastapi import FastAPI
from serving_project import ANN, BO, CAI

from core.project import Project
from resolution.decisions import Decision, DecisionStore
from serving.ground import Ground
from serving.roles import Role

CHANGES: dict[str, Any] = {
    "entities": [{"entity_id": BO, "rows_before": 1, "rows_after": None, "redirect": ANN}],
    "values": [{"entity_id": ANN, "attribute": "city", "old_value": "Leeds", "new_value": "York"}],
    "moved": [{"what": "orders", "entity_id": ANN, "before": 2, "after": 4}],
    "downstream": [{"entity_id": BO, "action": "redirect", "to": ANN}],
    "pending_decisions": 3,
    "pending_deliveries": 0,
}


class Told:
    def as_json(self) -> dict[str, Any]:
        return CHANGES


@pytest.fixture
def previewed(app: FastAPI) -> list[Sequence[Decision]]:
    """The decisions of which a preview was asked."""
    asked: list[Sequence[Decision]] = []

    def preview(_project: Project, decisions: Sequence[Decision]) -> Told:
        asked.append(decisions)
        return Told()

    app.state.preview = preview
    return asked


def test_a_merge_is_shown_then_recorded_then_undone_as_one(
    sign_in: SignIn, console: Project, ground: Ground, previewed: list[Sequence[Decision]]
) -> None:
    browser, path = sign_in(), f"/customers/{ANN}/merge"
    form = {"other": BO, "csrf_token": browser.csrf}
    page = browser.post(path, data=form).text
    for told in (BO, "redirect to", "Leeds", "York", "3 decisions", "one batch"):
        assert told in page, told
    assert DecisionStore(console).all().is_empty()
    for _ in range(2):  # no answer came, and the form is sent again
        answer = browser.post(path, data=form | {"step": "record", "note": "same card"})
    recorded = DecisionStore(console).all()
    assert recorded.height == len(previewed[0]) == 2
    assert set(recorded.get_column("verdict")) == {"match"}
    assert ground.audit.newest()[0].action == "regroups"
    assert "Undo the batch" in browser.get(answer.headers["location"]).text
    batch = recorded.get_column("batch")[0]
    for _ in range(2):
        answer = browser.post("/undo-batch", data={"batch": batch, "csrf_token": browser.csrf})
        assert answer.status_code == 303
    assert DecisionStore(console).all().get_column("undone_at").null_count() == 0


def test_a_split_names_the_rows_that_go(
    sign_in: SignIn, console: Project, previewed: list[Sequence[Decision]]
) -> None:
    browser, path = sign_in(), f"/customers/{CAI}/split"
    form = {"rows": ["social/weibo:88"], "csrf_token": browser.csrf}
    assert browser.post(path, data=form).status_code == 200
    browser.post(path, data=form | {"step": "record"})
    [row] = DecisionStore(console).all().to_dicts()
    assert (row["verdict"], row["key_l"], row["key_r"]) == ("non-match", "weibo:88", "R-3")


@pytest.mark.usefixtures("previewed")
def test_what_cannot_be_regrouped_is_said(sign_in: SignIn) -> None:
    browser = sign_in()
    token = {"csrf_token": browser.csrf}
    for path, form, told in [
        ("split", {}, "no row was chosen"),
        ("split", {"rows": ["registration/R-1"]}, "not of"),
        ("split", {"rows": ["social/weibo:88", "registration/R-3"]}, "one at least must stay"),
        ("merge", {"other": CAI}, "name two entities"),
    ]:
        answer = browser.post(f"/customers/{CAI}/{path}", data=form | token)
        assert answer.status_code == 400 and told in answer.text, told


def test_analysts_do_not_regroup_and_a_server_without_previews_says_so(sign_in: SignIn) -> None:
    analyst, steward = sign_in(Role.ANALYST), sign_in()
    for browser, status in ((analyst, 403), (steward, 503)):
        form = {"other": BO, "csrf_token": browser.csrf}
        assert browser.post(f"/customers/{ANN}/merge", data=form).status_code == status

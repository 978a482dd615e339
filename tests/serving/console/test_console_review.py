"""The queue and the pair: what is asked, by whom it is held, and what a decision does."""

import html
import re

import pytest
from console_project import OTHER, PAIR, SignIn, said
from fastapi.testclient import TestClient

from core.project import Project
from resolution.decisions import DecisionStore
from serving.ground import Ground
from serving.roles import Role


def decided(project: Project) -> list[tuple[str, str, bool]]:
    rows = DecisionStore(project).all().to_dicts()
    return [(x["who"], x["verdict"], x["undone_at"] is not None) for x in rows]


def test_the_queue_lists_what_is_open_the_most_valuable_first(sign_in: SignIn) -> None:
    page = sign_in().get("/").text
    assert "2 pairs to decide" in page
    assert page.index("registration/R-1 ~ registration/R-2") < page.index("social/weibo:88")


@pytest.mark.parametrize(
    ("filters", "count"),
    [("source=social", 1), ("band=high", 1), ("band=low", 1), ("script=mixed", 1),
     ("script=latin", 1), ("script=han", 0), ("reason=thresh", 2), ("reason=other", 0)],
)  # fmt: skip
def test_filters(sign_in: SignIn, filters: str, count: int) -> None:
    assert f"{count} pairs to decide" in sign_in().get(f"/?{filters}").text


def test_a_pair_shows_its_evidence_and_both_sides(sign_in: SignIn) -> None:
    page = sign_in().get("/pair", params=PAIR).text
    for told in ("Ann Fletcher", "Bo Larsen", "names nearly the same", "+7.5", "\N{MINUS SIGN}7.4"):
        assert told in page, told


def test_a_decision_is_recorded_audited_and_leads_to_the_next_pair(
    sign_in: SignIn, console: Project, ground: Ground
) -> None:
    browser = sign_in()
    answer = said(browser, "non-match", note="father and son")
    assert answer.headers["location"].endswith("done=1") and "weibo" in answer.headers["location"]
    assert decided(console) == [("steward", "non-match", False)]
    row = ground.audit.newest()[0]
    assert (row.who, row.action, row.subject) == (
        "account:steward",
        "decides",
        "registration/R-1 ~ registration/R-2",
    )
    assert "father" not in str(row.detail)
    assert "1 pairs to decide" in browser.get("/").text


def test_a_form_that_is_sent_again_changes_nothing_more(sign_in: SignIn, console: Project) -> None:
    browser = sign_in()
    for _ in range(2):
        assert said(browser, "match").headers["location"].endswith("done=1")
    for _ in range(2):
        form = {"decision": "1", "back": "pair", "csrf_token": browser.csrf}
        assert browser.post("/undo", data=form).status_code == 303
    assert decided(console) == [("steward", "match", True)]
    said(browser, "match")
    assert said(browser, "match", note="the same card").headers["location"].endswith("done=3")


def test_an_undo_brings_the_pair_back(sign_in: SignIn, console: Project) -> None:
    browser = sign_in()
    said(browser, "match")
    form = {"decision": "1", "back": "pair", "csrf_token": browser.csrf}
    answer = browser.post("/undo", data=form)
    assert answer.headers["location"].startswith("/pair?left=registration%2FR-1")
    assert decided(console) == [("steward", "match", True)]
    assert "2 pairs to decide" in browser.get("/").text


def test_skipping_decides_nothing_and_goes_on(sign_in: SignIn, console: Project) -> None:
    answer = said(sign_in(), "skip")
    assert "weibo" in answer.headers["location"] and not decided(console)


def test_two_stewards_do_not_collide(sign_in: SignIn, console: Project) -> None:
    mei, tom = sign_in(name="mei"), sign_in(name="tom")
    mei.get("/pair", params=PAIR)
    assert "weibo" in tom.get("/next").headers["location"]
    assert "mei has this pair open" in tom.get("/pair", params=PAIR).text
    assert said(tom, "match").status_code == 409 and not decided(console)
    said(mei, "release")
    assert said(tom, "match").status_code == 303 and decided(console) == [("tom", "match", False)]


def test_a_decision_that_contradicts_another_says_so_at_once(sign_in: SignIn) -> None:
    mei, tom = sign_in(name="mei"), sign_in(name="tom")
    said(mei, "match")
    page = tom.get(said(tom, "non-match").headers["location"]).text
    assert "contradicts" in page and "#1" in page
    listed = tom.get("/contradictions").text
    assert "Contradictions: 1" in listed and "Undo #1" in listed and "4 orders" in listed


def test_only_stewards_decide_and_only_with_their_own_form(
    sign_in: SignIn, console: Project
) -> None:
    assert said(sign_in(Role.ANALYST), "match").status_code == 403
    steward = sign_in()
    assert said(steward, "match", csrf_token="other").status_code == 403
    assert said(steward, "perhaps").status_code == 400
    assert not decided(console)


def test_a_viewer_sees_masks_and_nobody_is_audited_for_it(sign_in: SignIn, ground: Ground) -> None:
    viewer = sign_in(Role.VIEWER)
    for page in (viewer.get("/").text, viewer.get("/pair", params=PAIR).text):
        assert "A•••" in page and "Fletcher" not in page and "ann.fletcher" not in page
    assert not [x for x in ground.audit.newest() if x.action == "looked at"]


def test_a_look_at_unmasked_data_is_audited(sign_in: SignIn, ground: Ground) -> None:
    sign_in(Role.ANALYST).get("/pair", params=PAIR)
    looks = [x for x in ground.audit.newest() if x.action == "looked at"]
    assert [x.detail["at"] for x in looks] == ["console pair"]


def test_an_unknown_row_is_told_as_such(sign_in: SignIn) -> None:
    answer = sign_in().get("/pair", params={**PAIR, "left": "registration/none"})
    assert answer.status_code == 404 and "Search for it" in answer.text


def test_nothing_that_was_written_runs(sign_in: SignIn, client: TestClient) -> None:
    browser = sign_in()
    said(browser, "unsure", note="<script>alert(1)</script>")
    page = browser.get("/pair", params=PAIR).text
    assert "<script>alert" not in page and html.escape("<script>alert(1)</script>") in page
    assert not re.search(r"\son\w+=|style=", page), "the page must need no inline script or style"
    assert OTHER["right"] not in page

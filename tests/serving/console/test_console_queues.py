"""The queues beside each other: weak links and contradictions, what is kept of a release, news."""

import re

import duckdb
from console_project import PAIR, SignIn, said
from serving_project import publish_merge

from core.project import Project
from resolution.decisions import DecisionStore
from serving.roles import Role

WEAK = {"left": "registration/R-1", "right": "transaction/T/1 é", "queue": "weak"}


def test_a_customer_held_by_a_weak_link_is_asked_about(sign_in: SignIn) -> None:
    browser = sign_in()
    page = browser.get("/?queue=weak").text
    assert "1 pairs to decide" in page and "transaction/T/1 é" in page and "80%" in page
    assert "transaction" in browser.get("/next?queue=weak").headers["location"]
    answer = browser.post("/decide", data={**WEAK, "verdict": "match", "csrf_token": browser.csrf})
    assert answer.headers["location"] == "/?queue=weak", "there is no other"
    assert "0 pairs to decide" in browser.get("/?queue=weak").text
    assert "2 pairs to decide" in browser.get("/").text


def test_contradictions_are_a_queue_that_undoing_empties(sign_in: SignIn, console: Project) -> None:
    mei, tom = sign_in(name="mei"), sign_in(name="tom")
    said(mei, "match")
    said(tom, "non-match", note="two people")
    page = tom.get("/contradictions?source=registration").text
    assert "Contradictions: 1" in page and "two people" in page
    assert "Contradictions: 0" in tom.get("/contradictions?source=social").text
    assert "two people" not in sign_in(Role.VIEWER).get("/contradictions").text
    form = {"decision": "2", "back": "contradictions", "csrf_token": tom.csrf}
    assert tom.post("/undo", data=form).headers["location"] == "/contradictions"
    assert "Contradictions: 0" in tom.get("/contradictions").text


def test_the_queue_of_a_new_release_is_its_own(sign_in: SignIn, console: Project) -> None:
    browser = sign_in()
    assert "2 pairs to decide" in browser.get("/").text
    publish_merge(console)
    file = sorted(console.releases.glob("golden-*.duckdb"))[-1]

    con = duckdb.connect(str(file))
    con.execute(
        "CREATE TABLE marts.customer_360 (entity_id VARCHAR, full_name VARCHAR, orders BIGINT, "
        "revenue DOUBLE)"
    )
    con.close()
    assert "0 pairs to decide" in browser.get("/").text


def test_a_page_that_is_open_hears_who_holds_what_and_what_is_decided(sign_in: SignIn) -> None:
    mei, tom = sign_in(name="mei"), sign_in(name="tom")
    page = tom.get("/").text
    names = re.findall(r'name="pair" value="([^"]+)"', page)
    marks = re.findall(r'id="(held-\w+)"', page)
    assert len(names) == len(marks) == 2 and 'hx-get="/queue/held' in page
    mei.get("/pair", params=PAIR)
    news = tom.get("/queue/held", params={"pair": names}).text
    assert re.findall(r'id="(held-\w+)"', news) == marks
    assert "mei" in news and "decided" not in news
    said(mei, "match")
    news = tom.get("/queue/held", params={"pair": names}).text
    assert "mei" not in news and news.count("decided") == 1
    assert tom.get("/queue/held").status_code == 200


def test_the_find_box_is_answered_while_somebody_types(sign_in: SignIn) -> None:
    steward, viewer = sign_in(), sign_in(Role.VIEWER)
    found = steward.get("/customers/found", params={"q": "fletch"}).text
    assert "Ann Fletcher" in found and "<html" not in found
    assert "Cai Mingliang" in steward.get("/customers/found", params={"q": "蔡"}).text
    assert steward.get("/customers/found", params={"q": "f"}).text.strip() == ""
    assert "Ann" not in viewer.get("/customers/found", params={"q": "fletch"}).text


def test_scripts_are_the_consoles_own_and_may_not_evaluate(sign_in: SignIn) -> None:
    browser = sign_in()
    answer = browser.get("/")
    scripts = re.findall(r'<script src="([^"]+)"', answer.text)
    assert scripts == ["/console/htmx-2.0.11.min.js", "/console/console.js"]
    assert all(browser.get(each).status_code == 200 for each in scripts)
    assert '"allowEval": false' in answer.text and '"historyCacheSize": 0' in answer.text
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_undoing_a_decision_brings_its_weak_link_back(sign_in: SignIn, console: Project) -> None:
    browser = sign_in()
    browser.post("/decide", data={**WEAK, "verdict": "non-match", "csrf_token": browser.csrf})
    DecisionStore(console).undo(1, "steward")
    assert "1 pairs to decide" in browser.get("/?queue=weak").text

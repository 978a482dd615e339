"""Signing in: the form's own token, one answer for every mistake, a lock after some, a way out."""

import pytest
from console_project import PASSWORD
from fastapi import FastAPI
from fastapi.testclient import TestClient

from core.project import Project
from serving.console.language import LANGUAGES, catalogue
from serving.console.page import local_address
from serving.ground import Ground
from serving.roles import Role


@pytest.fixture
def browser(app: FastAPI, ground: Ground) -> TestClient:
    ground.accounts.add("mei", Role.STEWARD, PASSWORD, "test")
    return TestClient(app, follow_redirects=False)


def enter(browser: TestClient, password: str = PASSWORD, back: str = "/") -> int:
    browser.get("/sign-in")
    token = browser.cookies["oneid_form"]
    form = {"name": "Mei", "password": password, "csrf_token": token, "back": back}
    answer = browser.post("/sign-in", data=form)
    return answer.status_code


def test_every_page_asks_who_it_is_and_comes_back(browser: TestClient) -> None:
    answer = browser.get("/pair?left=a/1&right=b/2")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?back=%2Fpair%3Fleft%3Da%2F1%26right%3Db%2F2"


def test_the_cookie_cannot_be_read_by_scripts_nor_sent_from_elsewhere(browser: TestClient) -> None:
    browser.get("/sign-in")
    form = {"name": "mei", "password": PASSWORD, "csrf_token": browser.cookies["oneid_form"]}
    answer = browser.post("/sign-in", data=form)
    cookie = next(x for x in answer.headers.get_list("set-cookie") if "oneid_session" in x)
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie


def test_a_form_of_another_site_signs_nobody_in(browser: TestClient) -> None:
    answer = browser.post("/sign-in", data={"name": "mei", "password": PASSWORD})
    assert answer.status_code == 403 and "oneid_session" not in browser.cookies


def test_wrong_passwords_lock_the_account_without_saying_so(browser: TestClient) -> None:
    assert [enter(browser, "wrong") for _ in range(5)] == [401] * 5
    assert enter(browser) == 401


def test_signing_out_ends_the_session(browser: TestClient, ground: Ground) -> None:
    assert enter(browser) == 303
    token = browser.cookies["oneid_session"]
    session = ground.sessions.find(token)
    assert session is not None
    assert browser.post("/sign-out", data={"csrf_token": "other"}).status_code == 403
    assert browser.post("/sign-out", data={"csrf_token": session.csrf}).status_code == 303
    assert ground.sessions.find(token) is None


def test_before_the_first_release_the_page_says_what_to_do(
    browser: TestClient, project: Project
) -> None:
    enter(browser)
    answer = browser.get("/")
    assert answer.status_code == 503 and "oneid run" in answer.text


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil", ""])
def test_nobody_is_sent_to_another_site(elsewhere: str) -> None:
    assert local_address(elsewhere) == "/"


def test_the_language_is_the_chosen_one_or_the_browsers(browser: TestClient) -> None:
    asked = {"Accept-Language": "zh-CN,zh;q=0.9"}
    assert 'lang="zh"' in browser.get("/sign-in", headers=asked).text
    browser.post("/preferences", data={"language": "en", "look": "dark"})
    page = browser.get("/sign-in", headers=asked).text
    assert '<html lang="en" data-look="dark">' in page


def test_all_languages_have_the_same_words_with_the_same_places() -> None:
    def places(text: str) -> list[str]:
        return sorted(part.split("}")[0] for part in str(text).split("{")[1:])

    english = catalogue("en")
    for language in LANGUAGES:
        words = catalogue(language)
        assert set(words) == set(english)
        for key in set(english) - {"phrases", "sentences"}:
            assert places(words[key]) == places(english[key]), key
        for sentence, told in words["sentences"].items():
            assert places(told) == places(sentence), sentence

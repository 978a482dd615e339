"""Every page for every role: it answers, and no value reaches those who may not see it."""

from urllib.parse import urlencode

import pytest
from console_project import PAIR, SignIn, said
from serving_project import ANN, PEOPLE, publish_merge

from core.project import Project
from serving.console import ROUTERS
from serving.roles import Role

SECRETS = {value for person in PEOPLE.values() for value in person.values()} | {
    "an old one", "Secret Buyer", "same card as in May",
}  # fmt: skip


def pages(releases: tuple[str, str]) -> dict[str, str]:
    """Route -> an address of it."""
    older, newer = releases
    return {
        "/": "/",
        "/pair": f"/pair?{urlencode(PAIR)}",
        "/contradictions": "/contradictions",
        "/queue/held": f"/queue/held?{urlencode({'pair': ' ~ '.join(PAIR.values())})}",
        "/customers": "/customers?q=ann+fletcher",
        "/customers/found": "/customers/found?q=ann+fletcher",
        "/customers/{entity_id}": f"/customers/{ANN}",
        "/customers/{entity_id}/picture.svg": f"/customers/{ANN}/picture.svg",
        "/runs": "/runs",
        "/drift": "/drift",
        "/quarantine": "/quarantine",
        "/compare": f"/compare?older={older}&newer={newer}",
        "/decisions": "/decisions?whose=all",
    }


@pytest.mark.parametrize("role", list(Role))
def test_every_page_answers_and_hides_what_the_role_may_not_see(
    sign_in: SignIn, console: Project, role: Role
) -> None:
    said(sign_in(name="mei"), "match", note="same card as in May")
    browser = sign_in(role, "reader")
    queues = ("/", "/pair", "/contradictions", "/queue/held")  # the newer release has no pairs
    told = {route: browser.get(pages(("", ""))[route]) for route in queues}
    assert {answer.status_code for answer in told.values()} == {200}
    shown = "".join(answer.text for answer in told.values())
    first = told["/"].text.split("Release ")[1].split("<")[0]
    releases = (first, publish_merge(console))
    for route, address in pages(releases).items():
        if route in queues:
            continue
        answer = browser.get(address, follow_redirects=True)
        assert answer.status_code == 200, route
        shown += answer.text
    found = {secret for secret in SECRETS if secret in shown}
    assert bool(found) == role.sees_personal, found


def test_each_page_is_among_those_that_are_asked() -> None:
    asked = set(pages(("", "")))
    known = {
        route.path  # type: ignore[attr-defined]
        for router in ROUTERS
        for route in router.routes
        if "GET" in route.methods  # type: ignore[attr-defined]
    }
    elsewhere = {"/console/{name}", "/sign-in", "/next", "/batch", "/runs/{run}"}
    assert known == asked | elsewhere

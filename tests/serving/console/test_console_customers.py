"""Search finds by anything; a customer's page shows where its values come from."""

import pytest
from console_project import SignIn
from serving_project import ANN, BO, CAI, publish_merge

from core.ids import mint_entity_id
from core.project import Project
from serving.ground import Ground
from serving.roles import Role


@pytest.mark.parametrize(
    ("words", "who"),
    [
        ("ann fletcher", ANN), ("Fletcher", ANN), ("蔡明亮", CAI), ("cai mingliang", CAI),
        ("Mingliang Cai", CAI), ("蔡", CAI), ("07911 123456", ANN), ("0044 7911-123-456", ANN),
        ("150 4134 3524", CAI), ("(314) 701-0604", BO), (" BO.Larsen@example.com", BO),
        ("l-100", ANN), ("OUNION7", BO), ("R-2", BO), ("social/weibo:88", CAI),
        ("transaction:T/1 é", ANN), (BO, BO), (BO.lower(), BO),
    ],
)  # fmt: skip
def test_anything_in_hand_leads_to_the_customer(sign_in: SignIn, words: str, who: str) -> None:
    answer = sign_in().get("/customers", params={"q": words})
    assert answer.headers.get("location") == f"/customers/{who}"


def test_nobody_found_says_what_to_try(sign_in: SignIn) -> None:
    assert "Nobody was found" in sign_in().get("/customers?q=nobody").text


def test_a_viewer_finds_whole_names_only_and_sees_masks(sign_in: SignIn, ground: Ground) -> None:
    viewer = sign_in(Role.VIEWER)
    assert "Nobody was found" in viewer.get("/customers?q=Fletch").text
    assert viewer.get("/customers?q=ann+fletcher").headers["location"].endswith(ANN)
    page = viewer.get(f"/customers/{ANN}").text
    assert "Fletcher" not in page and "ann.fletcher" not in page and "an old one" not in page
    assert not [x for x in ground.audit.newest() if x.action == "looked at"]


def test_the_page_shows_values_losers_rows_and_household(sign_in: SignIn, ground: Ground) -> None:
    page = sign_in(Role.ANALYST).get(f"/customers/{ANN}").text
    for told in ("Ann Fletcher", "an old one", "registration/R-1", "+447911123456", "created",
                 "Bo Larsen"):  # fmt: skip
        assert told in page, told
    assert "Preview a split" not in page
    look = ground.audit.newest()[0]
    assert (look.subject, look.detail["at"]) == (ANN, "console customer")


def test_an_id_that_was_merged_away_leads_to_who_it_is(sign_in: SignIn, console: Project) -> None:
    browser = sign_in()
    publish_merge(console)
    for path in (f"/customers/{BO}", f"/customers?q={BO}"):
        assert browser.get(path).headers["location"] == f"/customers/{ANN}?was={BO}"
    assert f"{BO} is now this customer" in browser.get(f"/customers/{ANN}?was={BO}").text


def test_an_unknown_customer_is_not_found(sign_in: SignIn) -> None:
    browser = sign_in()
    assert browser.get("/customers/C-nonsense").status_code == 400
    page = browser.get(f"/customers/{mint_entity_id('registration/none')}")
    assert page.status_code == 404 and "There is no such record or customer" in page.text

"""A steward's morning in a real browser, with the keyboard where a steward would use it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from browser_project import PASSWORD, chromium

pytestmark = pytest.mark.slow


@pytest.fixture
def page(address: str) -> Iterator[Any]:
    """A browser at the console, signed in. Whatever its console says is a failure."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=60_000)  # a machine may be busy
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(base_url=address, viewport={"width": 1280, "height": 900})
        page.set_default_timeout(60_000)
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        elsewhere: list[str] = []
        page.on("request", lambda x: x.url.startswith(address) or elsewhere.append(x.url))
        page.goto("/")
        page.fill("#name", "mei")
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Review queue")).to_be_visible()
        page.wait_for_load_state()  # what is shown already listens to no key yet
        yield page
        browser.close()
    assert not said and not elsewhere


def pairs_to_decide(page: Any) -> int:
    page.goto("/")
    return pairs_left(page)


def pairs_left(page: Any) -> int:
    told = re.search(r"([\d,]+) pairs", page.inner_text("h2#open"))
    assert told
    return int(told.group(1).replace(",", ""))


def test_ten_pairs_by_keyboard_and_one_undone(page: Any, project: Path) -> None:
    before = pairs_to_decide(page)
    page.keyboard.press("g")
    for number in range(1, 11):
        page.wait_for_selector(".decide")
        page.keyboard.press("mnu"[number % 3])
        page.get_by_text(f"recorded as decision {number}.").wait_for()
    assert pairs_to_decide(page) <= before - 10
    page.goto("/decisions")
    page.locator("tbody form button").first.click()
    page.wait_for_selector(".chip.undone")
    assert page.locator(".chip.undone").count() == 1


def test_a_customer_by_another_phone_and_by_pinyin(page: Any, project: Path) -> None:
    con = duckdb.connect(str(project / "var/current.duckdb"), read_only=True)
    entity, phone, latin = con.execute(
        "SELECT entity_id, phone, name_latin FROM golden.customers WHERE phone LIKE '+861%' "
        "AND full_name SIMILAR TO '\\p{Han}{3}' ORDER BY entity_id LIMIT 1"
    ).fetchall()[0]
    con.close()
    written = f"{phone[3:6]} {phone[6:10]}-{phone[10:]}"
    for words in (written, latin.lower(), " ".join(reversed(latin.split()))):
        page.keyboard.press("/")
        page.locator("#find:focus").wait_for()
        page.keyboard.type(words)
        page.locator(f"#found a[href='/customers/{entity}']").wait_for()
        page.keyboard.press("Enter")
        page.locator("main").get_by_text(entity).first.wait_for()
        page.goto("/runs")


def test_all_pairs_of_a_pattern_are_previewed_recorded_and_undone(page: Any) -> None:
    before = pairs_to_decide(page)
    page.keyboard.press("g")
    page.wait_for_selector(".decide")
    page.keyboard.press("a")
    page.get_by_role("heading", name="All pairs with the same pattern").wait_for()
    page.keyboard.press("n")
    page.locator("button[value=record]").wait_for()
    page.keyboard.press("r")
    page.get_by_text("Recorded as batch").wait_for()
    assert pairs_left(page) < before
    page.keyboard.press("z")
    page.wait_for_url("**/decisions")
    assert pairs_to_decide(page) == before


def test_a_customer_is_found_while_typing_and_opened_with_the_arrows(page: Any) -> None:
    page.keyboard.press("/")
    page.keyboard.type("an")
    page.locator("#found a").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/C-*")


def test_queues_are_walked_with_the_keyboard(page: Any) -> None:
    page.keyboard.press("2")
    page.wait_for_url("**/?queue=weak")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector(".decide")
    page.goto("/")
    page.keyboard.press("3")
    page.wait_for_url("**/contradictions")


def test_a_split_is_previewed_and_recorded(page: Any, project: Path) -> None:
    con = duckdb.connect(str(project / "var/current.duckdb"), read_only=True)
    [(entity,)] = con.execute(
        "SELECT entity_id FROM golden.customers WHERE record_count > 4 ORDER BY entity_id LIMIT 1"
    ).fetchall()
    con.close()
    page.goto(f"/customers/{entity}")
    page.locator("input[name=rows]").first.check()
    page.get_by_role("button", name="Preview a split").click()
    page.wait_for_selector("h2#would")
    assert entity in page.inner_text("table")
    page.get_by_role("button", name="Record it").click()
    page.get_by_text("Recorded as batch").wait_for()
    page.keyboard.press("z")
    page.wait_for_url("**/decisions")


def test_a_gate_and_a_quarantined_row_are_read(page: Any) -> None:
    page.goto("/runs")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("h2#gates")
    assert "at most" in page.inner_text("table")
    page.goto("/quarantine")
    page.locator("#reasons ~ * a, table a").first.click()
    page.locator("pre").first.wait_for()


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen_and_every_field_has_a_label(
    page: Any, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    pages = ("/", "/next", "/?queue=weak", "/contradictions", "/customers?q=a", "/runs", "/drift")
    for path in (*pages, "/quarantine", "/decisions"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        unlabelled = "x => x.type !== 'hidden' && !x.labels.length"
        found = page.evaluate(
            f"[...document.querySelectorAll('input, select')].filter({unlabelled}).length"
        )
        assert found == 0, path

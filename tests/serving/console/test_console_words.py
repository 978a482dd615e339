"""What the product says in English elsewhere is said in the reader's language here."""

import re
from pathlib import Path

import pytest
from console_project import SignIn
from serving_project import ANN

import resolution.explain
from core.project import Project
from resolution.explain.verdict import counted
from serving.console.causes import cause_told
from serving.console.language import phrase_book, retelling, sayings, translator

_SAID = re.compile(r'\bsay\(\s*"([^"]+)"')


def told(cause: str | None, language: str) -> str:
    return cause_told(cause, translator(language), phrase_book(language))


@pytest.mark.parametrize(
    ("cause", "chinese"),
    [("new evidence: 14 source rows seen for the first time", "新证据：首次出现 14 行"),
     ("decision: 1 source row moved", "裁定：移动 1 行"),
     ("source correction: 2 source rows joined, 1 source row gone",
      "来源更正：并入 2 行，移出 1 行"),
     ("model change: parted from an entity that was there before", "模型变更：由原有客户拆出"),
     ("new evidence: all of its 3 source rows gone", "新证据：其 3 行全部消失"),
     ("1 source row moved", "移动 1 行"), ("something new", "something new"), (None, "")],
)  # fmt: skip
def test_a_cause_reads_as_the_reader_does(cause: str | None, chinese: str) -> None:
    assert told(cause, "zh") == chinese
    assert told(cause, "en") == (cause or "")


def test_every_word_of_the_picture_is_in_chinese() -> None:
    folder = Path(resolution.explain.__file__).parent
    files = (folder / "picture/entity_picture.py", folder / "verdict.py")
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    said = phrase_book("zh")
    words = set(_SAID.findall(source))
    assert len(words) > 10
    assert not [each for each in words if said(each) == each]
    for thing in ("record", "source row", "row", "visitor", "link", "further customer"):
        assert thing not in counted(2, thing, sayings("zh")) and "2" in counted(
            2, thing, sayings("zh")
        )
        assert thing not in counted(1, thing, sayings("zh"))


def test_a_saying_may_have_a_place_of_any_name() -> None:
    assert sayings("zh")("; decided about: {words}", words="2").endswith("2")


def test_a_customers_page_and_picture_are_chinese_throughout(
    sign_in: SignIn, console: Project
) -> None:
    browser = sign_in()
    browser.cookies.set("oneid_language", "zh")
    page = browser.get(f"/customers/{ANN}").text
    assert "seen for the first time" not in page
    picture = f"/customers/{ANN}/picture.svg"
    drawn = browser.get(f"{picture}?language=zh&look=dark").text
    assert "条记录" in drawn and "records" not in drawn and "(prefers-color-scheme" not in drawn
    drawn = browser.get(picture).text
    assert "2 RECORDS" in drawn and "(prefers-color-scheme:dark)" in drawn
    assert browser.get(f"{picture}?look=pink").status_code == 422


def test_han_names_are_read_wherever_they_stand(sign_in: SignIn) -> None:
    browser = sign_in()
    for address in ("/", "/customers?q=蔡明", "/customers/found?q=蔡明"):
        assert "Cai Mingliang" in browser.get(address).text or browser.get(address).is_redirect


@pytest.mark.parametrize(
    ("words", "chinese"),
    [("at least 0.2 and at most 0.9", "0.2 至 0.9"), ("exactly 0", "恰为 0"),
     ("nps: 42 is above the maximum 10", "nps：42 大于上限 10"),
     ("status: 'lost' is not one of paid, refunded; amount: not a number",
      "status：'lost' 不在允许值之列：paid, refunded；amount：不是数字"),
     ("ordered_at: not a time; ISO 8601 is read, such as 2026-01-31; amount: required and missing",
      "ordered_at：不是时间；可读 ISO 8601，例如 2026-01-31；amount：必填，但缺失"),
     ("amount: not a number; something new", "amount: not a number; something new"), ("", "")],
)  # fmt: skip
def test_bounds_and_reasons_read_as_the_reader_does(words: str, chinese: str) -> None:
    assert retelling("zh")(words) == chinese
    assert retelling("en")(words) == words

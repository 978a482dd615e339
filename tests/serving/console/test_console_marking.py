"""Differences to the character; Chinese names with their reading; claims that end by themselves."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.console.marking import Piece, marked, pinyin
from serving.ground import Ground
from serving.store import claims as claims_module
from serving.store.claims import Claims


def shown(pieces: list[Piece]) -> str:
    return "".join(f"[{each.text}]" if each.differs else each.text for each in pieces)


@pytest.mark.parametrize(
    ("left", "right", "as_left", "as_right"),
    [
        ("Jon Smith", "John Smith", "Jon Smith", "Jo[h]n Smith"),
        ("张伟明", "张伟民", "张伟[明]", "张伟[民]"),
        ("+447911123456", "+447911123450", "+44791112345[6]", "+44791112345[0]"),
        ("same", "same", "same", "same"),
        ("pear", "quince", "pear", "quince"),
        ("", "only here", "", "only here"),
    ],
)
def test_what_differs_is_marked(left: str, right: str, as_left: str, as_right: str) -> None:
    ours, theirs = marked(left, right)
    assert (shown(ours), shown(theirs)) == (as_left, as_right)


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_character_is_lost_or_added(left: str, right: str) -> None:
    ours, theirs = marked(left, right)
    assert "".join(x.text for x in ours) == left and "".join(x.text for x in theirs) == right
    assert [x.text for x in ours if not x.differs] == [x.text for x in theirs if not x.differs] or (
        not any(x.differs for x in (*ours, *theirs))
    )


@pytest.mark.parametrize(
    ("name", "reading"),
    [("蔡明亮", "Cai Mingliang"), ("張偉", "Zhang Wei"), ("Ann Fletcher", None), ("", None)],
)
def test_a_chinese_name_comes_with_its_reading(name: str, reading: str | None) -> None:
    assert pinyin(name) == reading


def test_a_claim_is_the_first_ones_until_it_ends(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = Claims(ground.database)
    assert claims.take("a ~ b", "mei").holder == "mei"
    assert claims.take("a ~ b", "tom").holder == "mei"
    later = claims_module.utc_now() + claims_module.LASTS + timedelta(seconds=1)
    monkeypatch.setattr(claims_module, "utc_now", lambda: later)
    assert not claims.standing()
    assert claims.take("a ~ b", "tom").holder == "tom"
    claims.release("a ~ b", "mei")  # not hers any more
    assert claims.standing()["a ~ b"].holder == "tom"

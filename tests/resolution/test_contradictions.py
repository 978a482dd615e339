"""A contradiction is believed as far as the data bears it out, and no further."""

from collections.abc import Sequence

import numpy as np
import pytest

from resolution.comparisons.conditions import Otherwise, Sql, same
from resolution.comparisons.levels import Level, LevelSet
from resolution.training.contradictions import Contradiction, Evidence, Judgement
from resolution.training.maximisation import Learned, Patterns

NAME = Contradiction("name")


def comparison(name: str, m: float = 0.9, u: float = 0.001) -> LevelSet:
    return LevelSet(
        name,
        name,
        Sql("false"),
        (
            Level("same", same(name), m, u),
            Level("other", Otherwise(), 1 - m, 1 - u, conflict=True),
        ),
    )


COMPARISONS = (comparison("name"), comparison("birth"), comparison("mail"), comparison("phone"))


def judged(rows: Sequence[tuple[float, ...]], prior: float = 0.01) -> Judgement:
    """`rows`: levels of name, birth, mail and phone, pairs, and the matches among them."""
    levels = {
        item.name: np.array([row[place] for row in rows]) for place, item in enumerate(COMPARISONS)
    }
    seen = Patterns(levels, np.array([float(row[4]) for row in rows]))
    learned = Learned(COMPARISONS, prior, np.array([float(row[5]) for row in rows]))
    evidence = Evidence(seen, learned, COMPARISONS[:2])
    return evidence.judge(NAME, np.zeros(len(rows), dtype=bool))[0]


def test_what_one_customer_shows_often_is_no_contradiction() -> None:
    found = judged([(1, 1, 1, 1, 900, 900), (0, 1, 1, 1, 100, 0)])
    assert found.share == pytest.approx(0.1)
    assert found.proven == 1000
    assert not found.believed


def test_a_share_nobody_errs_by_is_no_proof() -> None:
    # namesakes of one small town: nearly half of what looks proven has another name
    found = judged([(1, 1, 1, 1, 560, 560), (0, 1, 1, 1, 440, 0)])
    assert found.believed
    assert not found.known


def test_relatives_do_not_disprove_it() -> None:
    # 300 couples share mail and phone; birth is not known of them
    found = judged(
        [(1, 1, 1, 1, 995, 995), (0, 1, 1, 1, 5, 0), (1, -1, 1, 1, 500, 500), (0, -1, 1, 1, 300, 0)]
    )
    assert found.share == pytest.approx(0.005)
    assert found.believed
    assert found.outweighed_by is not None
    assert found.outweighed_by > -6.6 + 9.8 + 9.8


def test_more_evidence_than_relatives_share_outweighs_it() -> None:
    # couples share the phone and not the mail; those few with both are customers misspelt
    rows = [
        (1, 1, 1, 1, 980, 980),
        (0, 1, 1, 1, 20, 0),
        (1, -1, 0, 1, 500, 500),
        (0, -1, 0, 1, 400, 0),
        (1, -1, 1, 1, 5000, 5000),
        (0, -1, 1, 1, 100, 0),
    ]
    found = judged(rows)
    assert found.believed
    assert found.outweighed_by is not None
    phone_alone, both = -6.6 - 3.3 + 9.8, -6.6 + 9.8 + 9.8
    assert phone_alone < found.outweighed_by <= both


def test_only_what_relatives_show_is_held_against_two_records() -> None:
    name = LevelSet(
        "name",
        "name",
        Sql("false"),
        (
            Level("same", same("name"), 0.9, 0.001),
            Level("other family name", same("given"), 0.02, 0.01),
            Level(
                "other given name",
                same("family"),
                0.02,
                0.01,
                conflict=True,
                as_often_as="other family name",
            ),
            Level("other", Otherwise(), 0.02, 0.98, conflict=True),
        ),
    )

    def found(relatives: float) -> Judgement:
        rows = [(3, 900), (2, 20), (1, relatives), (0, 50)]
        levels = {each: np.ones(4, dtype=int) for each in ("birth", "mail", "phone")}
        seen = Patterns(
            levels | {"name": np.array([level for level, _ in rows])},
            np.array([float(pairs) for _, pairs in rows]),
        )
        learned = Learned((name, *COMPARISONS[1:]), 0.01, seen.pairs)
        evidence = Evidence(seen, learned, (name, COMPARISONS[1]))
        judgement, shares = evidence.judge(NAME, np.zeros(4, dtype=bool))
        refused = evidence.refused(judgement, np.zeros(4, dtype=bool))
        assert list(refused) == [False, False, judgement.of_relatives, False]
        assert shares.sum() == pytest.approx(1)
        return judgement

    assert not found(40).believed
    by_relatives = found(100)
    assert by_relatives.believed and by_relatives.of_relatives
    assert by_relatives.share == pytest.approx(20 / 990)


def test_too_little_proof_changes_nothing() -> None:
    found = judged([(1, 1, 1, 1, 9, 9), (0, 1, 1, 1, 9, 0), (0, -1, 1, 1, 400, 0)])
    assert found == Judgement(NAME, 18)
    assert found.believed and not found.known

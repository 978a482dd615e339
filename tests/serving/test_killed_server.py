"""A server that is killed while stewards decide: what it acknowledged is there, and once."""

import html
import random
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import duckdb
import httpx
import pytest
from served import Served, hidden_in, sign_in, steward_of
from small_shop import small_shop

from core.project import Project
from resolution.decisions import DecisionStore
from serving.ground import Ground
from serving.settings import ServingSettings
from serving.store.audit import AuditRow

pytestmark = pytest.mark.slow
KILLS: Final = 20
VERDICTS: Final = ("match", "non-match", "unsure")
Form = tuple[str, dict[str, str]]
"""Where it is sent, and what it says."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return small_shop(tmp_path_factory.mktemp("killed") / "shop")


@pytest.fixture
def served(shop: Project, tmp_path: Path, database: str) -> Iterator[Served]:
    """A server of a project whose decisions and audit are in either kind of database."""
    project = Project(Path(shutil.copytree(shop.root, tmp_path / database, symlinks=True)))
    steward_of(project, "mei")
    served = Served(project)
    yield served
    if served.process.poll() is None:
        served.stop()


class Steward:
    """A browser whose steward sends each form until there is an answer, as people do."""

    def __init__(self, served: Served, seed: int) -> None:
        self.served, self.chance = served, random.Random(seed)
        self.browser = served.browser()
        sign_in(self.browser, "mei")
        self.acknowledged: dict[int, tuple[str, frozenset[str]]] = {}
        """By the number that the page told: what was said of which rows."""
        self.taken_back: set[int] = set()
        self.sent = self.unanswered = 0
        self.usual = 0.0
        """Seconds that an answer took."""

    def decide(self, left: str, right: str, is_killed: bool) -> None:
        """Open the pair, say something of it."""
        page = self.browser.get("/pair", params={"left": left, "right": right})
        form = {k: html.unescape(v) for k, v in hidden_in(page.text, "/decide").items()}
        verdict = self.chance.choice(VERDICTS)
        answer = self._sent(("/decide", form | {"verdict": verdict}), is_killed)
        told = httpx.URL(answer.headers["location"]).params
        number = int(told["done"])
        assert number not in self.acknowledged, "each has a number of its own"
        self.acknowledged[number] = verdict, frozenset((left, right))

    def take_back(self, is_killed: bool) -> None:
        """Undo something that stands."""
        standing = sorted(self.acknowledged.keys() - self.taken_back)
        number = self.chance.choice(standing)
        page = self.browser.get("/decisions").text
        form = hidden_in(page, "/undo") | {"decision": str(number)}
        self._sent(("/undo", form), is_killed)
        self.taken_back.add(number)

    def _sent(self, form: Form, is_killed: bool) -> httpx.Response:
        while True:
            self.sent += 1
            after = self.chance.uniform(0, self.usual) if is_killed else None
            answer = self._answer(form, after)
            if is_killed:
                self.served.start()
            if answer is not None:
                assert answer.status_code == 303, answer.text
                return answer
            self.unanswered += 1
            is_killed = False

    def _answer(self, form: Form, killed_after: float | None) -> httpx.Response | None:
        """The answer; None where the server died before it gave one."""
        killer = threading.Timer(killed_after or 0, self.served.kill)
        began = time.perf_counter()
        if killed_after is not None:
            killer.start()
        try:
            answer = self.browser.post(form[0], data=form[1])
        except httpx.TransportError:
            return None
        finally:
            if killed_after is not None:
                killer.join()
        if killed_after is None:
            self.usual = time.perf_counter() - began
        return answer


def test_nothing_acknowledged_is_lost_and_nothing_doubled(served: Served) -> None:
    project = Project(served.root)
    steward = Steward(served, seed=11)
    pairs = iter(pairs_of(project, KILLS * 3))
    steward.decide(*next(pairs), is_killed=False)
    for number in range(KILLS):
        if number % 4 == 3:
            steward.take_back(is_killed=True)
        else:
            steward.decide(*next(pairs), is_killed=True)
        steward.decide(*next(pairs), is_killed=False)
    served.stop()
    assert steward.unanswered, "no kill fell into a decision: the test shows nothing"
    rows = DecisionStore(project).all().to_dicts()
    assert {row["id"]: (row["verdict"], ends_of(row)) for row in rows} == steward.acknowledged
    assert {row["id"] for row in rows if row["undone_at"]} == steward.taken_back
    audit_agrees(project, rows, steward)


def audit_agrees(project: Project, rows: list[dict[str, Any]], steward: Steward) -> None:
    """Nothing was decided that the audit does not know, and it knows of no more than was sent."""
    ground = Ground(project, ServingSettings())
    audit = [each for each in ground.audit.newest(10_000) if each.who == "account:mei"]
    ground.close()
    said = [each for each in audit if each.action in ("decides", "takes back")]
    known = {about(each): each for each in said}
    for row in rows:
        left, right = sorted(ends_of(row))
        assert known["decides", f"{left} ~ {right}", row["verdict"]].at <= row["at"]
        if row["undone_at"]:
            assert known["takes back", str(row["id"]), None].at <= row["undone_at"]
    assert len(rows) + len(steward.taken_back) <= len(said) <= steward.sent
    assert max(Counter(map(about, said)).values()) <= 2, "sent again at most once"


def about(row: AuditRow) -> tuple[str, str, Any]:
    return row.action, row.subject, row.detail.get("verdict")


def ends_of(row: dict[str, Any]) -> frozenset[str]:
    return frozenset(f"{row[f'source_{x}']}/{row[f'key_{x}']}" for x in "lr")


def pairs_of(project: Project, count: int) -> list[tuple[str, str]]:
    """Pairs of source rows of the release, each once: scored ones first."""
    con = duckdb.connect(str(project.root / "var/current.duckdb"), read_only=True)
    rows = con.execute(
        "SELECT source_l || '/' || source_record_id_l, source_r || '/' || source_record_id_r "
        "FROM identity.matches ORDER BY abs(match_weight), 1, 2 LIMIT ?",
        [count],
    ).fetchall()
    con.close()
    return rows

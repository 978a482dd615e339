"""Whether a row that comes back tells of the person it told of before."""

from pathlib import Path

import polars as pl
from people_project import FIELDS, deliver, empty_project, land, seen, spec

from sources.returning import unlike_before

PEOPLE = spec(fields=FIELDS | {"email": {}}, identity={"full_name": "name", "email": "email"})


def test_a_key_given_to_another_is_told_from_one_that_comes_back(tmp_path: Path) -> None:
    project = empty_project(tmp_path)

    def step(name: str, *rows: str, head: str = "id,name,email") -> None:
        deliver(project, name, *rows, head=head)
        land(project, PEOPLE)

    step("1.csv", "1,Ann,a@x.org", "2,Bob,b@x.org", "3,Cay,c@x.org", "4,Dan,")
    step("2.withdrawn.csv", "1", "2", "3", "4", head="id")
    step(
        "3.csv",
        "1, ANN ,new@x.org",
        "2,Eve,e@x.org",
        "3,Cay,c@x.org",
        "4,,d@x.org",
        "5,Flo,f@x.org",
    )
    keys = pl.Series(["1", "2", "3", "4", "5"])
    found = seen(project, lambda store: unlike_before(store.connection, PEOPLE, keys))
    assert found.rows() == [("people", "2")]

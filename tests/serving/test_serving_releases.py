"""Reading releases while others are published: one request, one release."""

import pytest
from serving_project import ANN, publish_first, publish_merge

from core.project import Project
from serving.releases import NothingPublished, Releases


def test_before_the_first_release_there_is_nothing_to_read(project: Project) -> None:
    releases = Releases(project)
    assert releases.current() is None
    with pytest.raises(NothingPublished), releases.reading():
        pass


def test_a_reader_keeps_its_release_and_the_next_gets_the_new_one(published: Project) -> None:
    releases = Releases(published)
    city = "SELECT city FROM golden.customers WHERE entity_id = ?"
    with releases.reading() as old:
        new_name = publish_merge(published)
        with releases.reading() as new:
            assert new.release.release == new_name
            assert new.row(city, [ANN]) == {"city": "York"}
        assert old.row(city, [ANN]) == {"city": "Leeds"}
        assert len(releases.open_files()) == 2
    assert releases.open_files() == [new_name]


def test_a_release_that_retention_removed_stays_readable_for_who_reads_it(
    published: Project,
) -> None:
    releases = Releases(published)
    with releases.reading() as old:
        publish_merge(published)
        old.release.file.unlink()
        assert old.row("SELECT count(*) AS n FROM golden.customers") == {"n": 3}


def test_the_columns_of_a_release_are_known(project: Project) -> None:
    publish_first(project)
    with Releases(project).reading() as reader:
        assert reader.tables["golden.customers"]["record_count"] == "BIGINT"
        assert "facts.transactions" in reader.tables

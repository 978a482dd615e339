"""A sample resolved twice, so that its records lie in two segments and some are no more."""

import pytest
from resolved_twice import Resolved, correct_phones, pin, resolve

from core.project import Project
from pipelines.cli.sample import write_sample
from resolution.lookup.records import read_lookup_records
from resolution.lookup.who import Lookup
from sources.spec import load_specs


@pytest.fixture(scope="session")
def resolved(tmp_path_factory: pytest.TempPathFactory) -> Resolved:
    """Sixty customers of five sources."""
    project = Project(tmp_path_factory.mktemp("lookup"))
    write_sample(project.root, 60, 5)
    pin(project, resolve(project, 0))
    correct_phones(project)
    kept, specs = resolve(project, 1), load_specs(project)
    return Resolved(project, kept, specs, Lookup(read_lookup_records(kept, specs)))

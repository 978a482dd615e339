"""`oneid account` and `oneid key`: who is let in, seen as a user sees it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.errors import QueryError
from core.project import Project
from pipelines.cli import app
from serving.ground import Ground
from serving.settings import ServingSettings

PASSWORD = "correct horse battery"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "landing").mkdir()
    return Project(tmp_path)


def oneid(project: Project, *words: str, given: str = "") -> str:
    answer = CliRunner().invoke(
        app, [*words, "--project", str(project.root)], input=given, catch_exceptions=False
    )
    assert answer.exit_code == 0
    return answer.output


def test_an_account_is_added_listed_given_a_password_and_disabled(project: Project) -> None:
    oneid(project, "account", "add", "mei", "--role", "steward", "--password-stdin", given=PASSWORD)
    assert "steward  may sign in" in oneid(project, "account", "list")
    other = "another long password"
    oneid(project, "account", "password", "mei", "--password-stdin", given=f"{other}\n")
    ground = Ground(project, ServingSettings())
    assert ground.accounts.verify("mei", PASSWORD) is None
    assert ground.accounts.verify("mei", other)
    oneid(project, "account", "disable", "mei")
    assert "disabled" in oneid(project, "account", "list")
    assert ground.accounts.verify("mei", other) is None
    ground.close()


def test_a_key_is_shown_once_and_revoked(project: Project) -> None:
    told = oneid(project, "key", "add", "crm", "--scope", "customers", "--scope", "changes")
    secret = next(line for line in told.splitlines() if line.startswith("oneid_"))
    listed = oneid(project, "key", "list")
    assert "viewer   changes,customers" in listed and secret not in listed
    ground = Ground(project, ServingSettings())
    assert ground.keys.find(secret)
    ground.close()
    oneid(project, "key", "revoke", "crm")
    assert "revoked" in oneid(project, "key", "list")


def test_what_cannot_be_done_is_said(project: Project) -> None:
    with pytest.raises(QueryError, match="too short"):
        oneid(project, "account", "add", "mei", "--password-stdin", given="short")
    with pytest.raises(QueryError, match="no key 'crm'"):
        oneid(project, "key", "revoke", "crm")
    with pytest.raises(QueryError, match="no account 'bo'"):
        oneid(project, "account", "disable", "bo")


def test_the_names_of_roles_and_scopes_are_the_servers_own() -> None:
    from pipelines.cli.access import RoleName, ScopeName
    from serving.roles import Role, Scope

    assert [str(x) for x in RoleName] == [str(x) for x in Role]
    assert [str(x) for x in ScopeName] == [str(x) for x in Scope]

"""A small release with pairs to decide, and browsers that are signed in."""

import json
from typing import Any

import duckdb
import pytest
from console_project import PASSWORD, SignIn, form_token
from fastapi import FastAPI
from fastapi.testclient import TestClient
from serving_project import ANN, BO

from core.project import Project
from serving.ground import Ground
from serving.roles import Role

_WHY = {"name": {"level": "names nearly the same", "weight": 6.5, "tf": 1.0}}


@pytest.fixture
def console(published: Project) -> Project:
    """Two clerical pairs, and a customer held by a weak link; nobody has decided anything."""
    pointer = json.loads(published.current_pointer.read_text(encoding="utf-8"))
    con = duckdb.connect(str(published.releases / pointer["file"]))
    con.execute(
        "CREATE TABLE marts.customer_360 AS SELECT entity_id, full_name, 2 AS orders, 80.0 AS "
        "revenue, updated_at AS last_order_at, 3 AS visits FROM golden.customers; "
        "CREATE TABLE marts.households AS SELECT 'H-1' AS household_id, entity_id, 'address' AS "
        f"shares, 2 AS members FROM golden.customers WHERE entity_id IN ('{ANN}', '{BO}'); "
        "ALTER TABLE facts.transactions ADD COLUMN ordered_at TIMESTAMP; "
        "INSERT INTO identity.model VALUES ('prior', 0, 'any two records', 0, 0, -7.4, NULL), "
        "('name', 1, 'names nearly the same', 0.5, 0.01, 6.5, NULL)"
    )
    pairs = [("registration", "R-1", "registration", "R-2", 0.1), (
        "registration", "R-2", "social", "weibo:88", -1.5)]  # fmt: skip
    for *ends, weight in pairs:
        con.execute(
            "INSERT INTO identity.matches VALUES (?, ?, ?, ?, ?, ?, 'clerical', ?)",
            [*ends, weight, 0.5 if weight > 0 else 0.26, json.dumps(_WHY)],
        )
    con.execute(f"UPDATE golden.customers SET confidence = 0.8 WHERE entity_id = '{ANN}'")
    con.execute(
        "INSERT INTO identity.matches VALUES ('registration', 'R-1', 'transaction', 'T/1 é', 2.0, "
        "0.8, 'link', ?)",
        [json.dumps(_WHY)],
    )
    con.close()
    return published


@pytest.fixture
def sign_in(console: Project, app: FastAPI, ground: Ground) -> SignIn:
    """A browser with a session of a new account; its csrf token is in `.csrf`."""

    def signed_in(role: Role = Role.STEWARD, name: str | None = None) -> Any:
        who = name or str(role)
        ground.accounts.add(who, role, PASSWORD, "test")
        browser: Any = TestClient(app, follow_redirects=False)
        form = {"name": who, "password": PASSWORD, "csrf_token": form_token(browser)}
        assert browser.post("/sign-in", data=form).status_code == 303
        browser.csrf = ground.sessions.find(browser.cookies["oneid_session"]).csrf
        return browser

    return signed_in

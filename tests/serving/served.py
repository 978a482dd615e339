"""A real server on a port of its own, started as a user does, and clients of it."""

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import httpx

from core.project import Project
from serving.ground import Ground
from serving.roles import Role, Scope
from serving.settings import ServingSettings

REPO: Final = Path(__file__).parents[2]
ONEID: Final = (sys.executable, "-c", "from pipelines.cli import main; main()")
PATIENCE: Final = 300.0
PASSWORD: Final = "correct horse battery"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def key_for(project: Project) -> str:
    """The secret of a new key that may do everything, as often as it likes."""
    ground = Ground(project, ServingSettings())
    try:
        return ground.keys.issue("load", Role.ADMIN, list(Scope), "test", per_minute=10_000_000)
    finally:
        ground.close()


def steward_of(project: Project, name: str) -> None:
    """Make an account of a steward, with the password PASSWORD."""
    ground = Ground(project, ServingSettings())
    try:
        ground.accounts.add(name, Role.STEWARD, PASSWORD, "test")
    finally:
        ground.close()


class Served:
    """A server process of a project, and a key for everything."""

    def __init__(self, project: Project) -> None:
        self.secret = key_for(project)
        self.root, self.port = project.root, free_port()
        self.log = project.root / "server.log"
        self.start()

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        self.process = subprocess.Popen(
            [*ONEID, "serve", "--project", str(self.root), "--port", str(self.port)],
            env=os.environ | {"PYTHONPATH": str(REPO)},
            stdout=subprocess.DEVNULL, stderr=self.log.open("ab"),
        )  # fmt: skip
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up and self.process.poll() is None:
            try:
                with self.client() as client:
                    if client.get("/readyz").status_code == 200:
                        return
            except httpx.TransportError:
                time.sleep(0.1)
        self.stop()
        raise AssertionError("the server did not become ready")

    def client(self) -> httpx.Client:
        """A program with the key."""
        return self._connected({"Authorization": f"Bearer {self.secret}"})

    def browser(self) -> httpx.Client:
        """A browser in which nobody is signed in."""
        return self._connected({})

    def kill(self) -> None:
        """End the server without a warning."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def stop(self) -> str:
        """End the server; what it logged."""
        self.process.terminate()
        self.process.wait(PATIENCE)
        return self.log.read_text(encoding="utf-8")

    def _connected(self, headers: dict[str, str]) -> httpx.Client:
        address = f"http://127.0.0.1:{self.port}"
        return httpx.Client(base_url=address, headers=headers, timeout=PATIENCE, trust_env=False)


def sign_in(browser: httpx.Client, name: str) -> None:
    """Sign in by the form."""
    form = hidden_in(browser.get("/sign-in").text, "/sign-in")
    answer = browser.post("/sign-in", data=form | {"name": name, "password": PASSWORD})
    assert answer.status_code == 303, answer.status_code


def hidden_in(page: str, action: str) -> dict[str, str]:
    """What the form for `action` brings along unseen."""
    form = re.search(rf'<form[^>]*action="{action}".*?</form>', page, re.DOTALL)
    assert form, f"the page has no form for {action}"
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.group()))

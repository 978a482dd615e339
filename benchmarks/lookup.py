"""How fast a server says who somebody is: `oneid serve` over a million records, asked over HTTP.

Requests are sent by the clock, whether those before were answered or not, and each is timed from
when it was due: a server that falls behind cannot hide it.
"""

import argparse
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from benchmarks.measuring import run_process
from benchmarks.persons import make_persons
from benchmarks.product import COMMAND, environment
from benchmarks.report import say, table, write_report
from benchmarks.speed_project import SOURCE, make_speed_project, run_stages
from core.project import Project
from serving.roles import Role, Scope
from serving.store.database import ServingDatabase
from serving.store.keys import ApiKeys

RECORDS: Final = 1_000_000
CLIENTS: Final = 8
RATE: Final = 200
"""Requests a second, of all clients together."""
SECONDS: Final = 30
SEED: Final = 7
LONGEST_START: Final = 300.0
LONGEST_RUN: Final = 900.0
DELIVERED: Final = 1000
"""Records that are published while the server answers."""
NAMES: Final = {
    "first_name": "given_name",
    "surname": "family_name",
    "dob": "date_of_birth",
    "city": "city",
    "postcode": "postcode",
    "email": "email",
    "phone": "phone",
}
NOTES: Final = """`make bench-lookup`: `oneid serve` over synthetic persons, one record a request,
sent by the clock from clients of one other process over loopback HTTP; half of those asked about
are in the release, half are strangers. A request is timed from when it was due. Memory is what is
resident, the mapped key index included; the bars are p50 under 5 ms, p99 under 25 ms, 3 GB, and
ready within 20 s of the start. The second column is of the seconds in which a run of the same
machine publishes {more:,} more records and the server reads the new release beside the old one.
"""


@dataclass(frozen=True)
class Server:
    """A server that runs, and a key to ask it with."""

    process: subprocess.Popen[bytes]
    port: int
    key: str
    log: Path

    def ask(self, connection: http.client.HTTPConnection, body: bytes) -> tuple[int, bytes]:
        """Status and answer."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        connection.request("POST", "/v1/resolve", body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def connection(self) -> http.client.HTTPConnection:
        """A connection that is kept open."""
        found = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        found.connect()
        found.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return found

    def busy_seconds(self) -> float:
        """Seconds of the processor that the process has taken so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")

    def releases_read(self) -> int:
        """How many releases it has read into memory."""
        return self.log.read_text(encoding="utf-8").count("records read for lookup")

    def forget_highest(self) -> None:
        """Let VmHWM begin anew."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5", encoding="utf-8")

    def megabytes(self, what: str) -> float:
        """VmRSS or VmHWM of the process."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(what))


def start_server(project: Project, log: Path) -> Server:
    """Start a server over the project; its key may ask as often as it likes."""
    database = ServingDatabase(project)
    keys = ApiKeys(database)
    name = f"bench-{time.time_ns()}"
    key = keys.issue(name, Role.VIEWER, [Scope.RESOLVE], "bench-lookup", per_minute=10_000_000)
    database.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [*COMMAND, "serve", "--project", str(project.root), "--port", str(port)]
    with log.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream, env=environment())
    return Server(process, port, key, log)


def seconds_until_ready(server: Server, body: bytes) -> float:
    """Seconds until the first record was looked up."""
    began = time.perf_counter()
    while time.perf_counter() - began < LONGEST_START:
        try:
            if server.ask(server.connection(), body)[0] == 200:
                return time.perf_counter() - began
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit("bench-lookup: the server was not ready in time; see its log")


def bodies(records: int, count: int) -> list[bytes]:
    """Requests about one record each: persons of the release and strangers by turns."""
    known = make_persons(records).sample(count, seed=SEED)
    strangers = make_persons(max(count, 1000), seed=SEED)
    rows = [row for pair in zip(_rows(known), _rows(strangers), strict=False) for row in pair]
    return [json.dumps({"records": [row]}).encode() for row in rows[:count]]


def _rows(people: pl.DataFrame) -> list[dict[str, str]]:
    named = people.select([pl.col(old).cast(pl.String).alias(new) for old, new in NAMES.items()])
    return [{k: v for k, v in row.items() if v} for row in named.iter_rows(named=True)]


def load(server: Server, asked: Sequence[bytes], clients: int, rate: int) -> np.ndarray:
    """Milliseconds of each request, from when it was due."""
    begin = time.perf_counter() + 0.5

    def client(number: int) -> list[float]:
        connection, taken = server.connection(), []
        for place in range(number, len(asked), clients):
            due = begin + place / rate
            time.sleep(max(due - time.perf_counter(), 0))
            status, _ = server.ask(connection, asked[place])
            if status != 200:
                sys.exit(f"bench-lookup: the server answered {status}")
            taken.append((time.perf_counter() - due) * 1000)
        return taken

    with ThreadPoolExecutor(clients) as pool:
        return np.concatenate(list(pool.map(client, range(clients))))


@dataclass(frozen=True)
class Measured:
    """How requests were answered, and what it took."""

    taken: np.ndarray
    """Milliseconds of each request."""
    busy: float
    """Milliseconds of the processor, a request."""
    held: float
    highest: float
    """Resident megabytes: at the end, and at the most."""

    def cells(self) -> list[str]:
        """A column of the report."""
        p50, p90, p99 = np.percentile(self.taken, [50, 90, 99])
        return [
            f"{len(self.taken):,}", f"{p50:.1f}", f"{p90:.1f}", f"{p99:.1f}",
            f"{self.taken.max():.0f}", f"{self.busy:.1f}", f"{self.held:,.0f}",
            f"{self.highest:,.0f}",
        ]  # fmt: skip


MEASURES: Final = (
    "requests", "p50, ms", "p90, ms", "p99, ms", "slowest, ms",
    "processor time of the server a request, ms", "resident memory, MB", "highest, MB",
)  # fmt: skip


def measured(server: Server, load_once: Callable[[], np.ndarray]) -> Measured:
    """What the requests of a load cost."""
    busy = server.busy_seconds()
    taken = load_once()
    busy = (server.busy_seconds() - busy) * 1000 / len(taken)
    return Measured(taken, busy, server.megabytes("VmRSS"), server.megabytes("VmHWM"))


def load_while_published(
    server: Server, project: Project, asked: Sequence[bytes], rate: int
) -> np.ndarray:
    """As `load`, for as long as a run takes to publish more and the server to read that."""
    deliver_more(project)
    log = project.root / "run.log"
    command = [*COMMAND, "run", "--project", str(project.root)]
    found, known, began = [], server.releases_read(), time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(run_process, command, log, environment())
        while server.releases_read() == known and time.monotonic() - began < LONGEST_RUN:
            found.append(load(server, asked[: rate * 5], CLIENTS, rate))
        if run.result().code:
            sys.exit(f"bench-lookup: oneid run failed\n{run.result().output}")
    if server.releases_read() == known:
        sys.exit("bench-lookup: the server did not read the new release; see its log")
    return np.concatenate(found)


def deliver_more(project: Project) -> None:
    """Put DELIVERED records more beside those that were read."""
    folder = project.landing / SOURCE
    place = len(list(folder.iterdir()))
    people = make_persons(DELIVERED, seed=SEED + place).drop("entity_id")
    named = people.with_columns(record_id=pl.format(f"more{place}-{{}}", "record_id"))
    named.write_parquet(folder / f"more{place}.parquet")


def measure(project: Project, records: int, rate: int, seconds: int, log: Path) -> str:
    """The measurements as markdown."""
    asked = bodies(records, rate * seconds)
    server = start_server(project, log)
    try:
        ready = seconds_until_ready(server, asked[0])
        start = server.busy_seconds()
        load(server, asked[: rate * 5], CLIENTS, rate)  # caches of a server that has been running
        steady = measured(server, lambda: load(server, asked, CLIENTS, rate))
        server.forget_highest()
        swap = measured(server, lambda: load_while_published(server, project, asked, rate))
    finally:
        server.process.terminate()
        server.process.wait()
    rows = [
        ["ready after the start, s", f"{ready:.1f}", ""],
        ["processor time until then, s", f"{start:.1f}", ""],
        *map(list, zip(MEASURES, steady.cells(), swap.cells(), strict=True)),
    ]
    headings = ["", f"{records:,} records, {rate} requests/s, {CLIENTS} clients", "publishing"]
    notes = NOTES.format(more=DELIVERED)
    return f"# Looking records up\n\n{notes}\n{table(headings, rows)}\n"


def main() -> None:
    """Measure, print the report; write it where asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lookup", description=__doc__)
    parser.add_argument("records", nargs="?", type=int, default=RECORDS)
    parser.add_argument("--rate", type=int, default=RATE, help="requests a second")
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--project", type=Path, help="keep it here; made if not there")
    parser.add_argument("--write", action="store_true", help="write results/lookup.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        root = asked.project or Path(passing) / "project"
        if not (root / "var/current.duckdb").exists():
            make_speed_project(asked.records, 1, root)
            run_stages(root)
        log = Path(passing) / "serve.log"
        text = measure(Project(root.resolve()), asked.records, asked.rate, asked.seconds, log)
    say(f"\n{text}")
    if asked.write:
        say(f"\nwritten to benchmarks/results/{write_report('lookup', text).name}")


if __name__ == "__main__":
    main()

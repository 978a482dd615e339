"""Runs and their gates, the quarantine, and how two releases differ."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from serving.access import GroundOf, Reader
from serving.audited import note_look
from serving.console.drift_view import (
    checked_shifts,
    current_figures,
    delivery_findings,
    figures_before,
    shifts,
)
from serving.console.page import PageRoute, Viewer, render
from serving.console.run_view import (
    QUARANTINED,
    gates_of,
    list_runs,
    quarantine_reasons,
    quarantined,
)
from serving.problems import ApiProblem
from warehouse.release_diff import compare_releases

router = APIRouter(route_class=PageRoute, include_in_schema=False)
EXAMPLES: Final = 3


class Quarantine(BaseModel):
    """Which quarantined rows."""

    source: str = ""
    reason: str = ""
    page: int = Field(1, ge=1, le=100_000)


@router.get("/runs")
def runs_page(request: Request, user: Viewer, ground: GroundOf, reader: Reader) -> Response:
    """Every run, refused ones too; the pairs of the current release by weight."""
    runs = list_runs(ground.project)
    releases = [each["release"] for each in runs if each["release"]]
    return render(
        request,
        "runs.html",
        user,
        section="runs",
        runs=runs,
        releases=releases,
        chart=current_figures(reader).weights,
    )


@router.get("/runs/{run}")
def run_page(request: Request, run: str, user: Viewer, ground: GroundOf) -> Response:
    """What the gates of one run found, and by how much those that failed missed."""
    told = next((each for each in list_runs(ground.project) if each["run"] == run), None)
    if told is None:
        raise ApiProblem(404, "not-found", "")
    gates = gates_of(ground.project, run)
    failed = [each for each in gates if not each["passed"]]
    return render(request, "run.html", user, section="runs", run=told, gates=gates, failed=failed)


@router.get("/drift")
def drift_page(request: Request, user: Viewer, ground: GroundOf, reader: Reader) -> Response:
    """What changed since the release before: volumes, missing values, columns, match weights."""
    now, before = current_figures(reader), figures_before(ground.project, reader)
    return render(
        request,
        "drift.html",
        user,
        section="runs",
        now=now,
        before=before,
        rows=shifts(before.rows if before else None, now.rows, relative=True),
        missing=shifts(before.missing if before else None, now.missing),
        checked=checked_shifts(ground.project),
        findings=delivery_findings(ground.project),
    )


@router.get("/quarantine")
def quarantine_page(
    request: Request,
    user: Viewer,
    ground: GroundOf,
    asked: Annotated[Quarantine, Query()],
) -> Response:
    """Rows that could not be used, as they were delivered, with the reason."""
    rows, total = quarantined(ground.project, asked.source, asked.reason, asked.page)
    if rows and user.role.sees_personal:
        told = {"at": "console quarantine", "rows": len(rows), "page": asked.page}
        ground.audit.record(user.who, "looked at", "", told)
    return render(
        request,
        "quarantine.html",
        user,
        section="runs",
        rows=rows,
        total=total,
        start=(asked.page - 1) * QUARANTINED,
        asked=asked,
        reasons=quarantine_reasons(ground.project),
    )


@router.get("/compare")
def compare_page(
    request: Request, user: Viewer, ground: GroundOf, reader: Reader, older: str, newer: str
) -> Response:
    """What became of the customers between two releases. 400 where one is not known."""
    found = compare_releases(ground.project, older, newer, EXAMPLES)
    seen = sorted({each.entity_id for each in found.value_examples})
    note_look(ground.audit, user, "console compare", seen, reader.release.release)
    return render(request, "compare.html", user, section="runs", found=found)

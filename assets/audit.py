"""The audit: the candidate gets its own history, is closed, and its bytes are signed."""

from assets.run_record import figures_of
from assets.run_sheet import RunSheet
from assets.verdicts import open_objections
from core.project import Project


def sign(project: Project, sheet: RunSheet) -> None:
    """Sign exactly the candidate's bytes: passed when no gate of this run has an objection.

    Every stage that runs again takes back its own verdict and those after it, so a signature
    speaks of one unbroken run.
    """
    from warehouse.connection import open_candidate
    from warehouse.history import copy_into
    from warehouse.release import sign_audit

    candidate = project.candidate
    with open_candidate(candidate) as con:
        copy_into(project, con, figures_of(project, sheet, "published"))
    objections = open_objections(project)
    sign_audit(project, candidate, not objections, objections, sheet.run)

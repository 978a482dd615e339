"""`oneid model`: keep the model of the current release for good, or let runs train again."""

import shutil

import typer

from core.errors import ProjectError
from core.project import open_project
from pipelines.cli.options import HERE, ProjectOption
from pipelines.cli.say import say

app = typer.Typer(
    no_args_is_help=True,
    help=(
        "Keep a trained model for good, or take it away.\n\n"
        "A run trains anew when it is asked to, when rules change, and when there are half as many "
        "records again as the model learnt from. With a model of its own (the folder `model/`) a "
        "project never trains: what two records weigh stays the same for ever, and so does the "
        "result, in whatever batches the records come."
    ),
)
FILES = ("model.json", "customer.json", "large_blocks.parquet")


@app.command()
def keep(project: ProjectOption = HERE) -> None:
    """Keep the model that made the current release: every later run uses it, in place of training.

    Writes the folder `model/` of the project. It holds names, emails and phones with how common
    they are: treat it as personal data.

    `oneid model keep --project demo`
    """
    from resolution.kept import FREQUENCIES, kept_for
    from warehouse.release import current_release

    here = open_project(project)
    release = current_release(here)
    kept = kept_for(here, release.release) if release else None
    if kept is None or release is None:
        raise ProjectError(f"{here.root}: there is no model yet; make a release with: oneid run")
    target = here.root / "model"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for name in FILES:
        shutil.copyfile(kept.folder / name, target / name)
    shutil.copytree(kept.folder / FREQUENCIES, target / FREQUENCIES)
    say(f"the model of release {release.release} is kept in {target}; runs train no more")


@app.command()
def forget(project: ProjectOption = HERE) -> None:
    """Take the project's own model away: runs train again when they have to.

    `oneid model forget --project demo`
    """
    target = open_project(project).root / "model"
    if not target.is_dir():
        say("the project keeps no model of its own; nothing to forget")
        return
    shutil.rmtree(target)
    say(f"{target} is gone; the next run trains anew where rules or records ask for it")

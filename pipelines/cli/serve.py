"""`oneid serve`: the server of one project, until it is stopped."""

import logging
from collections.abc import Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated

import typer

from core.errors import QueryError
from core.project import open_project
from pipelines.cli.options import HERE, ProjectOption

if TYPE_CHECKING:
    from assets.preview import Preview
    from core.project import Project
    from resolution.decisions import Decision


def serve(
    project: ProjectOption = HERE,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8080,
    secure_cookies: Annotated[
        bool, typer.Option("--secure-cookies", help="Behind a proxy that speaks HTTPS.")
    ] = False,
) -> None:
    """Serve the console and the REST API over the published releases, until stopped.

    Runs may publish meanwhile. `oneid account add` lets people in, `oneid key add` programs.

    `oneid serve --project demo --port 8080`
    """
    import uvicorn

    from serving.app import create_app
    from serving.settings import ServingSettings
    from warehouse.release import current_release

    opened = open_project(project)
    settings = ServingSettings(host=host, port=port, secure_cookies=secure_cookies)
    app = create_app(opened, settings)
    app.state.preview = _preview  # the stages are not for the server to import
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a webhook's address may hold a secret
    if current_release(opened) is None:
        typer.echo("nothing has been published yet; the server is ready after: oneid run")
    if not _is_loopback(host):
        typer.echo(
            "other machines can reach this: put a proxy that speaks HTTPS before it and "
            "give --secure-cookies",
            err=True,
        )
    # its own access log would write addresses with their queries, which may hold personal data
    config = uvicorn.Config(
        app, host=host, port=port, access_log=False, server_header=False, log_level="warning"
    )
    typer.echo(f"OneID listens on http://{host}:{port} (stop with Ctrl-C)")
    try:
        uvicorn.Server(config).run()
    except SystemExit:
        raise QueryError(
            f"{host}:{port} cannot be listened on; choose another with --port, or stop the "
            "process that has it"
        ) from None
    except KeyboardInterrupt:
        typer.echo("stopped")


def _preview(project: "Project", decisions: "Sequence[Decision]") -> "Preview":
    """What the console shows before a split or a merge is recorded."""
    from assets.preview import preview_decisions

    return preview_decisions(project, decisions)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

"""The review console: pages for stewards. A page is a router; `serving.app` takes in ROUTERS."""

from fastapi import APIRouter

from serving.console import (
    batches,
    customers,
    decisions,
    files,
    pairs,
    queue,
    regroup,
    runs,
    sign_in,
)

ROUTERS: tuple[APIRouter, ...] = (
    files.router,
    sign_in.router,
    queue.router,
    pairs.router,
    batches.router,
    customers.router,
    regroup.router,
    runs.router,
    decisions.router,
)
"""Every page's router, in the order in which paths are tried."""

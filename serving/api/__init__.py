"""The REST API: a file a group of paths; `serving.app` takes in ROUTERS."""

from fastapi import APIRouter

from serving.api import changes, crosswalk, customers, exports, health, resolve, webhooks

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    customers.router,
    crosswalk.router,
    changes.router,
    exports.router,
    resolve.router,
    webhooks.router,
)
"""Every group's router, in the order in which paths are tried."""

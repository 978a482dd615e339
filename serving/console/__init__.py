"""The review console: pages for stewards. A page is a router; `serving.app` takes in ROUTERS."""

from fastapi import APIRouter

ROUTERS: tuple[APIRouter, ...] = ()
"""Every page's router, in the order in which paths are tried."""

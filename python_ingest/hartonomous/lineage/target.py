"""Which graph server is meant: the one that the environment names, else the local one."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..errors import InputError

if TYPE_CHECKING:
    from ..database import Database

URI = "NEO4J_URI"
SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
LOCAL_DATABASE = "hartonomous"


@dataclass(frozen=True)
class Target:
    """A graph server that speaks Bolt. ``local``: the one that `hartonomous graph` started."""

    uri: str
    user: str
    password: str = field(repr=False)
    database: str
    local: bool = False

    @property
    def shown(self) -> str:
        """Where it is, for people: host and database."""
        return f"{self.uri}/{self.database}"


def from_environment() -> Target | None:
    """The server of NEO4J_URI, NEO4J_USER or NEO4J_USERNAME, NEO4J_PASSWORD, NEO4J_DATABASE.

    Raises:
        InputError: no such URI, or one that holds a password.
    """
    uri = os.environ.get(URI)
    if not uri:
        return None
    try:
        parts = urlsplit(uri)
        held = parts.username is not None or parts.password is not None
        sound = parts.scheme in SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        held, sound = "@" in uri, False
    # Neither message shows the URI: it may hold a password.
    if held:
        raise InputError(
            f"{URI} must not hold user and password: put them into NEO4J_USER and NEO4J_PASSWORD"
        )
    if not sound:
        raise InputError(
            f"{URI} is no address of a graph server; it takes bolt://HOST:PORT or neo4j+s://HOST "
            f"(schemes: {', '.join(SCHEMES)})"
        )
    return Target(
        uri,
        os.environ.get("NEO4J_USER") or os.environ.get("NEO4J_USERNAME") or "neo4j",
        os.environ.get("NEO4J_PASSWORD") or "",
        os.environ.get("NEO4J_DATABASE") or "neo4j",
    )


def locate(database: Database) -> Target | None:
    """The server of the environment, else the database's local one if it runs, else None."""
    from .server import running_target

    return from_environment() or running_target(database)


def require(database: Database) -> Target:
    """As :func:`locate`; InputError where there is none."""
    found = locate(database)
    if found is None:
        raise InputError(
            f"there is no graph server: `hartonomous graph start` starts one beside "
            f"{database.landed.name}, or {URI} names yours"
        )
    return found

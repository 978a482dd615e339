"""Who may do what: roles of people and keys, and scopes of keys."""

from enum import StrEnum


class Role(StrEnum):
    """What someone may see and do; each role may do what those before it may."""

    VIEWER = "viewer"
    """Reads everything, with personal data masked."""
    ANALYST = "analyst"
    """Reads everything."""
    STEWARD = "steward"
    """Decides, too."""
    ADMIN = "admin"
    """Keeps accounts, keys and webhooks, and reads the audit, too."""

    @property
    def rank(self) -> int:
        """0 for the role that may do least."""
        return list(Role).index(self)

    def includes(self, other: "Role") -> bool:
        """Whether this role may do what `other` may."""
        return self.rank >= other.rank

    @property
    def sees_personal(self) -> bool:
        """Whether personal data are shown to this role as they are."""
        return self.includes(Role.ANALYST)


class Scope(StrEnum):
    """What an API key is for; it opens the paths of its scopes and no others."""

    CUSTOMERS = "customers"
    """Customers by id or identifier, lists, and the crosswalk."""
    RESOLVE = "resolve"
    """Who is this? Candidates for a record."""
    CHANGES = "changes"
    """The change feed."""
    EXPORTS = "exports"
    """Whole tables."""
    WEBHOOKS = "webhooks"
    """Webhooks and what could not be delivered to them."""

"""What was found in one table: which column says what, and why the others say nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pipelines.cli.column_look import Look

UNKNOWN = ""
"""The reason for leaving a column out whose heading says nothing known."""


@dataclass
class Found:
    """What was decided about the columns of one table."""

    identity: dict[str, list[str]] = field(default_factory=dict)
    """Attribute -> headings whose values, joined by a space, are its value."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Heading -> why it is no evidence; UNKNOWN where nothing is known of it."""
    remarks: list[str] = field(default_factory=list)
    country: str | None = None
    """Where telephones are from that do not say so."""
    looks: dict[str, Look] = field(default_factory=dict)

    @property
    def delivered(self) -> list[str]:
        """The attributes that some row looked at has a value of."""
        return [
            attribute
            for attribute, headings in self.identity.items()
            if any(self.looks[heading].filled for heading in headings)
        ]

    @property
    def mapped(self) -> dict[str, str]:
        """Heading -> the attribute it was taken for, or several in a list."""
        taken: dict[str, str] = {}
        for attribute, headings in self.identity.items():
            for heading in headings:
                before = f"{taken[heading]}, " if heading in taken else ""
                taken[heading] = f"{before}{attribute}"
        return taken

    def leave_out(self, attribute: str, why: str) -> None:
        """Unmap the attribute; its headings are plain fields from now on."""
        for heading in self.identity.pop(attribute):
            if heading not in self.mapped:
                self.left_out[heading] = why

    def rename(self, attribute: str, other: str) -> None:
        """Map the attribute's headings to another attribute instead."""
        self.identity = {
            other if name == attribute else name: headings
            for name, headings in self.identity.items()
        }

    def take(self, attribute: str, headings: Iterable[str]) -> None:
        """Map the headings to the attribute, unless there are none."""
        if listed := list(headings):
            self.identity[attribute] = listed

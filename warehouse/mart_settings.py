"""The cut-offs of the marts as marts.yml states them, checked before a mart is built."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import AfterValidator, Field, ValidationError, model_validator

from core.errors import ConfigError
from core.project import Project
from sources.spec import Strict, describe_problems

OWN_SETTINGS = Path(__file__).parent / "marts.yml"
"""The default cut-offs, for a project without a marts.yml."""


def _in_order(bounds: tuple[int, int]) -> tuple[int, int]:
    if not 1 <= bounds[0] <= bounds[1] <= 5:
        raise ValueError("two scores from 1 to 5, the lower first")
    return bounds


Bounds = Annotated[tuple[int, int], AfterValidator(_in_order)]
"""Lowest and highest score allowed, both included."""

Share = Annotated[float, Field(ge=0, le=1)]
Score = Annotated[float, Field(ge=0, le=100)]


class Currency(Strict):
    """The currency money is reported in, and what one unit of each other is worth in it."""

    reporting: str = Field(pattern=r"^[A-Z]{3}$")
    rates: dict[str, Annotated[float, Field(gt=0)]]

    @model_validator(mode="after")
    def _reporting_is_worth_itself(self) -> Self:
        if self.rates.get(self.reporting) != 1:
            raise ValueError(f"rates must list the reporting currency: {self.reporting}: 1.0")
        return self


class RfmSegment(Strict):
    """A named part of the customers who bought, by their scores."""

    name: str
    recency: Bounds = (1, 5)
    frequency: Bounds = (1, 5)
    monetary: Bounds = (1, 5)


class Lifecycle(Strict):
    """Days from which a customer is no longer in the stage."""

    new: int = Field(gt=0)
    active: int = Field(gt=0)
    at_risk: int = Field(gt=0)
    lapsed: int = Field(gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.new <= self.active < self.at_risk < self.lapsed:
            raise ValueError("days must rise: new <= active < at_risk < lapsed")
        return self


class Band(Strict):
    """A named part of the satisfaction scores."""

    name: str
    floor: Score = Field(alias="from")


class Satisfaction(Strict):
    """How ratings, recommendations and complaints make one score from 0 to 100."""

    window_days: int = Field(gt=0)
    rating_weight: Share
    nps_weight: Share
    neutral: Score
    complaint_penalty: Score
    open_complaint_penalty: Score
    penalty_maximum: Score
    closed_statuses: tuple[str, ...]
    bands: tuple[Band, ...]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        floors = [band.floor for band in self.bands]
        if not floors or floors != sorted(floors, reverse=True) or floors[-1] != 0:
            raise ValueError("bands: floors must fall, and the last one must be 0")
        if self.rating_weight + self.nps_weight <= 0:
            raise ValueError("rating_weight and nps_weight: at least one must be above 0")
        return self


class Households(Strict):
    """How many may share what makes a household, before it is no home or no family's phone."""

    members_maximum: int = Field(10, ge=2)
    bearers_maximum: int = Field(5, ge=2)


class MartSettings(Strict):
    """The whole of marts.yml."""

    as_of: datetime | None = None
    currency: Currency
    order_without_status: Literal["paid", "unknown"]
    rfm_segments: tuple[RfmSegment, ...]
    lifecycle: Lifecycle
    satisfaction: Satisfaction
    households: Households = Households()
    """Has defaults: a marts.yml written before there were households needs none."""

    @model_validator(mode="after")
    def _every_customer_has_a_segment(self) -> Self:
        scores = range(1, 6)
        for cell in ((r, f, m) for r in scores for f in scores for m in scores):
            if not any(_holds(segment, cell) for segment in self.rfm_segments):
                raise ValueError(
                    f"rfm_segments: none holds recency {cell[0]}, frequency {cell[1]}, "
                    f"monetary {cell[2]}; end with one that has no bounds"
                )
        return self


def _holds(segment: RfmSegment, cell: tuple[int, int, int]) -> bool:
    bounds = (segment.recency, segment.frequency, segment.monetary)
    return all(low <= score <= high for (low, high), score in zip(bounds, cell, strict=True))


def load_mart_settings(project: Project) -> MartSettings:
    """The project's marts.yml, or the default where it has none; see `load_settings`."""
    own = project.root / "marts.yml"
    return load_settings(own if own.is_file() else OWN_SETTINGS)


def load_settings(path: Path) -> MartSettings:
    """The settings in the file `path`.

    Raises ConfigError listing everything that is wrong with the file.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), [f"not YAML: {error}"]) from None
    if not isinstance(content, dict):
        raise ConfigError(str(path), ["mart settings are a mapping; see warehouse/marts.yml"])
    try:
        return MartSettings(**content)
    except ValidationError as error:
        raise ConfigError(str(path), describe_problems(error)) from None

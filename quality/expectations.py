"""Runs a suite over measured figures with Great Expectations; says what was seen and allowed."""

import math
import os
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl

from core.errors import ConfigError
from quality.suites import Expectation, Suite
from warehouse.history import CheckResult

if TYPE_CHECKING:
    from great_expectations.core.batch_definition import BatchDefinition


def run_suite(suite: Suite, metrics: pl.DataFrame) -> list[CheckResult]:
    """One result an expectation, in the suite's order.

    `metrics` is one row, one column a figure. A figure that is null does not apply (a drift
    without a release before it) and passes. Raises ConfigError naming every expectation about a
    figure that is not measured, or that Great Expectations cannot read.
    """
    _require_known(suite, metrics)
    import great_expectations as gx

    batch = _batch_definition()
    gx_suite = gx.ExpectationSuite(name=suite.name, expectations=_configured(suite))
    outcome = batch.get_batch(batch_parameters={"dataframe": _as_pandas(metrics)}).validate(
        gx_suite, result_format={"result_format": "BASIC", "partial_unexpected_count": 0}
    )
    passed = {}
    for result in outcome.results:
        if result.exception_info and result.exception_info.get("raised_exception"):
            problem = str(result.exception_info.get("exception_message"))
            raise ConfigError(f"quality/{suite.name}.yml", [problem])
        passed[result.expectation_config.meta["position"]] = bool(result.success)
    row = metrics.row(0, named=True)
    return [
        CheckResult(
            suite=suite.name,
            check=each.column,
            stage=suite.stage,
            severity=each.severity,
            passed=passed[position],
            observed=_written(row[each.column]),
            expected=_allowed(each),
        )
        for position, each in enumerate(suite.expectations)
    ]


def failures_of(results: Iterable[CheckResult]) -> list[str]:
    """One sentence a critical check that failed: which gate, what was observed, what is allowed."""
    return [result.sentence() for result in results if result.refuses]


def _configured(suite: Suite) -> list[Any]:
    """The suite's expectations as Great Expectations' own.

    Made one by one: handed over as they are, an expectation the library cannot read would be
    logged and left out, and its gate would stand open.
    """
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    made, problems = [], []
    for position, each in enumerate(suite.expectations):
        configuration = ExpectationConfiguration(
            type=each.type,
            kwargs=each.kwargs,
            severity=each.severity,
            meta={"position": position},
        )
        try:
            made.append(configuration.to_domain_obj())
        except Exception as error:  # the library raises its own kind for every kind of mistake
            problems.append(f"{each.column}: {each.type}: {_first_line(error)}")
    if problems:
        raise ConfigError(f"quality/{suite.name}.yml", problems)
    return made


@cache
def _batch_definition() -> "BatchDefinition[Any]":
    """One context and batch definition for every suite of the process, with nothing sent home."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("figures").add_dataframe_asset("figures")
    return asset.add_batch_definition_whole_dataframe("figures")


def _require_known(suite: Suite, metrics: pl.DataFrame) -> None:
    if metrics.height != 1:
        raise ValueError(f"the figures of {suite.name} are {metrics.height} rows, not one")
    unknown = sorted({each.column for each in suite.expectations} - set(metrics.columns))
    if unknown:
        raise ConfigError(
            f"quality/{suite.name}.yml",
            [
                f"{column}: no such figure; measured are {', '.join(metrics.columns)}"
                for column in unknown
            ],
        )


def _as_pandas(metrics: pl.DataFrame) -> Any:
    """The figures with null as NaN, which an expectation about values passes over."""
    numbers = metrics.with_columns(
        pl.selectors.numeric().cast(pl.Float64), pl.selectors.boolean().cast(pl.Float64)
    )
    return numbers.to_pandas()


def _allowed(expectation: Expectation) -> str:
    """The expectation's bounds in words."""
    kwargs = expectation.kwargs
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    above = "above" if kwargs.get("strict_min") else "at least"
    below = "below" if kwargs.get("strict_max") else "at most"
    if low is not None and low == high:
        return f"exactly {_written(low)}"
    bounds = [f"{above} {_written(low)}"] if low is not None else []
    bounds += [f"{below} {_written(high)}"] if high is not None else []
    if bounds:
        return " and ".join(bounds)
    other = {name: value for name, value in kwargs.items() if name != "column"}
    told = ", ".join(f"{name} {value}" for name, value in other.items())
    return f"{expectation.type.removeprefix('expect_column_').replace('_', ' ')} {told}".strip()


def _written(value: Any) -> str | None:
    """A figure as it is read best: whole numbers whole, others to four significant digits."""
    if value is None or isinstance(value, str):
        return value
    number = float(value)
    if math.isnan(number):
        return None
    return str(int(number)) if number.is_integer() else f"{number:.4g}"


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__

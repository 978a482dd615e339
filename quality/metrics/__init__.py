"""Figures about each stage's result, for the suites to judge and for people to see."""

from quality.metrics.histogram import match_weight_histogram_svg
from quality.metrics.measure import measure_golden, measure_matching, measure_records
from quality.metrics.source import measure_source

__all__ = [
    "match_weight_histogram_svg",
    "measure_golden",
    "measure_matching",
    "measure_records",
    "measure_source",
]

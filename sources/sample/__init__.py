"""A made-up firm's five sources with the truth about them: to try OneID on, and to measure it."""

from sources.sample.making import SampleReport, make_sample

__all__ = ["SampleReport", "make_sample"]

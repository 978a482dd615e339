"""What a failing stage becomes in Dagster."""

import dagster as dg
import pytest

from assets.project import STOPPED, stage_errors
from core.errors import GateRefused, ProjectError


def test_error_of_the_users_is_not_retried_and_keeps_its_words() -> None:
    with pytest.raises(dg.Failure) as found, stage_errors():
        raise ProjectError("no landing/ here")
    assert found.value.description == "no landing/ here"
    assert not found.value.allow_retries


def test_refusal_is_told_from_other_failures() -> None:
    with pytest.raises(dg.Failure) as found, stage_errors():
        raise GateRefused(["a: observed 2, allowed 1"])
    assert found.value.metadata["kind"].value == "GateRefused"


def test_interruption_is_not_retried() -> None:
    with pytest.raises(dg.Failure) as found, stage_errors():
        raise KeyboardInterrupt
    assert found.value.metadata["kind"].value == STOPPED
    assert not found.value.allow_retries


def test_fault_of_the_machine_is_left_to_the_retry_policy() -> None:
    with pytest.raises(OSError), stage_errors():
        raise OSError(28, "No space left on device")

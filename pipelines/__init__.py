"""The edge: Dagster definitions, schedules, sensors, and the command line `oneid`."""

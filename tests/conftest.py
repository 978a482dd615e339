"""Settings of every test."""

from hypothesis import settings

# a busy machine is no failure of the product: examples are bounded in number, not in time
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

"""Weighed pairs to clusters, across no contradiction."""

"""Clusters to lasting entity ids, and what is told of a change."""

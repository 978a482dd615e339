"""Measurements that print their own table; run one by `python -m benchmarks.<name>`."""

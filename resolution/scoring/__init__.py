"""Candidate pairs found and weighed: by the compiled engine, or by Splink."""

"""What a model learns from decided pairs, and what would change with it."""

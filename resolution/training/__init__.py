"""What a model learns of the data without labels: m, u, frequencies, guards, thresholds."""

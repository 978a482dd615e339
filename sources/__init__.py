"""What is delivered: each source's spec, its readers, and the rows that have landed."""

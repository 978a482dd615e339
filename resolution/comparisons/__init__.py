"""What is asked of two records: conditions, and the ordered levels of agreement they make."""

"""From landed rows to lasting identities and golden values."""

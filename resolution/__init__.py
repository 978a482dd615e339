"""From landed rows to lasting identities: standardise, match, cluster, assign, choose golden values."""

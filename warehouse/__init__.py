"""The release: how it is built, audited, published, remembered and asked."""

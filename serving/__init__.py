"""What people and systems reach over HTTP: the REST API under /v1, and the review console."""

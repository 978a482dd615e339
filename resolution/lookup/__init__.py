"""Who is this? One record held against all records of a release, as a run would hold it."""

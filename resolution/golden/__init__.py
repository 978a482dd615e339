"""The values of each customer: which survive, and where they are from."""

"""Landed rows to records: who was seen, with which standardised values, and what is matched by."""

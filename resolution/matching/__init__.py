"""The whole of matching, from records to settled clusters: all of them, or a delivery's."""

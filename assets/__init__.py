"""The path of the data as Dagster assets, one file a stage: landed, standardised, scored_pairs,
entities, golden, marts, published; and the gates between them."""

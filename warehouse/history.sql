-- Run history: every run and what its gates said, refused runs included.

CREATE TABLE IF NOT EXISTS runs (
    run VARCHAR NOT NULL,
    started_at TIMESTAMP,
    finished_at TIMESTAMP,
    outcome VARCHAR NOT NULL,
    release VARCHAR,
    rows_in BIGINT,
    quarantined BIGINT,
    records BIGINT,
    entities BIGINT,
    new_entities BIGINT,
    merged BIGINT,
    split BIGINT,
    link_pairs BIGINT,
    clerical_pairs BIGINT,
    seconds DOUBLE
);

CREATE TABLE IF NOT EXISTS results (
    run VARCHAR NOT NULL,
    "check" VARCHAR NOT NULL,
    stage VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    passed BOOLEAN NOT NULL,
    observed VARCHAR,
    expected VARCHAR,
    suite VARCHAR NOT NULL,
    "at" TIMESTAMP
);

ALTER TABLE results ADD COLUMN IF NOT EXISTS accepted_by VARCHAR;
ALTER TABLE results ADD COLUMN IF NOT EXISTS accepted_because VARCHAR;
ALTER TABLE runs ADD COLUMN IF NOT EXISTS changed BIGINT;
ALTER TABLE runs ADD COLUMN IF NOT EXISTS retired BIGINT;
ALTER TABLE runs ADD COLUMN IF NOT EXISTS known_rows BIGINT;
ALTER TABLE runs ADD COLUMN IF NOT EXISTS kept_rows BIGINT;

-- The golden log. Rows are only ever added; those of erased customers are taken out.

CREATE TABLE IF NOT EXISTS releases (
    number BIGINT NOT NULL,
    release VARCHAR NOT NULL,
    "at" TIMESTAMP NOT NULL
);
COMMENT ON TABLE releases IS 'One row a release whose changes are in the log, numbered as in the identity ledger.';

CREATE TABLE IF NOT EXISTS changes (
    number BIGINT NOT NULL,
    release VARCHAR NOT NULL,
    "at" TIMESTAMP NOT NULL,
    entity_id VARCHAR NOT NULL,
    attribute VARCHAR NOT NULL,
    old_value VARCHAR,
    new_value VARCHAR
);
COMMENT ON TABLE changes IS 'One row a release, customer and attribute whose golden value changed: golden.changes of every release.';

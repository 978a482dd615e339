-- The identity ledger. Rows are only ever added; those of erased source rows are taken out.

CREATE TABLE IF NOT EXISTS releases (
    number BIGINT NOT NULL,
    release VARCHAR NOT NULL,
    "at" TIMESTAMP NOT NULL,
    file VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    input_fingerprint VARCHAR NOT NULL
);
COMMENT ON TABLE releases IS 'One row a published release, numbered in order.';

CREATE TABLE IF NOT EXISTS entities (
    entity_id VARCHAR NOT NULL,
    sequence BIGINT NOT NULL,
    first_release VARCHAR NOT NULL,
    "at" TIMESTAMP NOT NULL
);
COMMENT ON TABLE entities IS 'One row an id ever issued, in order of issue.';

CREATE TABLE IF NOT EXISTS events (
    sequence BIGINT NOT NULL,
    "at" TIMESTAMP NOT NULL,
    release VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    entity_id VARCHAR NOT NULL,
    other_entity_id VARCHAR,
    cause VARCHAR
);
COMMENT ON TABLE events IS 'One row a change of identity.';

CREATE TABLE IF NOT EXISTS assignments (
    source VARCHAR NOT NULL,
    source_record_id VARCHAR NOT NULL,
    entity_id VARCHAR,
    release VARCHAR NOT NULL
);
COMMENT ON TABLE assignments IS 'One row a source row and release that changed its id; entity_id is null from the release in which the row was gone.';

CREATE OR REPLACE VIEW current_assignments AS
SELECT source, source_record_id, latest.entity_id AS entity_id
FROM (
    SELECT source, source_record_id,
           arg_max({'entity_id': entity_id}, number) AS latest
    FROM assignments JOIN releases USING (release)
    GROUP BY source, source_record_id
)
WHERE latest.entity_id IS NOT NULL;

-- Each merged id is followed, merge by merge, to the one that lives.
CREATE OR REPLACE VIEW redirects AS
WITH RECURSIVE
merges AS (
    SELECT other_entity_id AS entity_id, entity_id AS heir FROM events WHERE kind = 'merged'
),
followed AS (
    SELECT entity_id, heir AS living_entity_id FROM merges
    UNION
    SELECT f.entity_id, m.heir FROM followed f JOIN merges m ON m.entity_id = f.living_entity_id
)
SELECT entity_id, living_entity_id FROM followed
WHERE living_entity_id NOT IN (SELECT entity_id FROM merges);

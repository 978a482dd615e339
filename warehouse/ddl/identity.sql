-- Who is who: source records to customers, the scored pairs behind it, and what changed.

CREATE SCHEMA IF NOT EXISTS identity;

CREATE TABLE identity.crosswalk (
    source VARCHAR NOT NULL,
    source_record_id VARCHAR NOT NULL,
    entity_id VARCHAR NOT NULL,
    matched_by VARCHAR,
    match_probability DOUBLE,
    matched_as VARCHAR
);
COMMENT ON TABLE identity.crosswalk IS 'One row a source record of a known customer; for web visitors one row a recognised browser, its events are in facts.web_events.';
COMMENT ON COLUMN identity.crosswalk.source IS 'Source';
COMMENT ON COLUMN identity.crosswalk.source_record_id IS 'The record''s own key in its source; for web visitors the anonymous_id';
COMMENT ON COLUMN identity.crosswalk.entity_id IS 'The customer';
COMMENT ON COLUMN identity.crosswalk.matched_by IS 'What holds the record to its customer; for a visitor the identifiers that were recognised';
COMMENT ON COLUMN identity.crosswalk.match_probability IS 'Probability of that match; for a visitor the share of the recognised visits that are this customer''s';
COMMENT ON COLUMN identity.crosswalk.matched_as IS 'Key of the row that names this one in identity.matches: rows with equal identity values are matched once, as the first of them; null for visitors';

CREATE TABLE identity.matches (
    source_l VARCHAR NOT NULL,
    source_record_id_l VARCHAR NOT NULL,
    source_r VARCHAR NOT NULL,
    source_record_id_r VARCHAR NOT NULL,
    match_weight DOUBLE,
    match_probability DOUBLE,
    status VARCHAR NOT NULL,
    why JSON
);
COMMENT ON TABLE identity.matches IS 'One row a scored pair of records at or above clerical review. A record that stands for several equal rows is named by the first of them.';
COMMENT ON COLUMN identity.matches.source_l IS 'Source of the one record';
COMMENT ON COLUMN identity.matches.source_record_id_l IS 'Key of the one record';
COMMENT ON COLUMN identity.matches.source_r IS 'Source of the other record';
COMMENT ON COLUMN identity.matches.source_record_id_r IS 'Key of the other record';
COMMENT ON COLUMN identity.matches.match_weight IS 'Evidence for the match: log2 of the Bayes factor, prior included';
COMMENT ON COLUMN identity.matches.match_probability IS 'Probability that both are the same customer';
COMMENT ON COLUMN identity.matches.status IS 'link, clerical (a steward should look) or refused (a guard forbids it)';
COMMENT ON COLUMN identity.matches.why IS 'Comparison -> {level, weight, tf}';

CREATE TABLE identity.events (
    sequence BIGINT,
    "at" TIMESTAMP,
    release VARCHAR,
    kind VARCHAR NOT NULL,
    entity_id VARCHAR NOT NULL,
    other_entity_id VARCHAR,
    cause VARCHAR
);
COMMENT ON TABLE identity.events IS 'One row a change of identity, from the first release to this one.';
COMMENT ON COLUMN identity.events.sequence IS 'Order of the changes';
COMMENT ON COLUMN identity.events."at" IS 'When it was published (UTC)';
COMMENT ON COLUMN identity.events.release IS 'The release that brought it';
COMMENT ON COLUMN identity.events.kind IS 'created, changed, merged, split, retired or erased';
COMMENT ON COLUMN identity.events.entity_id IS 'The customer it happened to';
COMMENT ON COLUMN identity.events.other_entity_id IS 'The customer merged into, or split from';
COMMENT ON COLUMN identity.events.cause IS 'Why: new evidence, decision, source correction or model change, and how many source rows';

CREATE TABLE identity.model (
    comparison VARCHAR NOT NULL,
    place BIGINT NOT NULL,
    level VARCHAR NOT NULL,
    m DOUBLE,
    u DOUBLE,
    match_weight DOUBLE,
    rarer_weighs_more VARCHAR
);
COMMENT ON TABLE identity.model IS 'One row a level of agreement of each comparison: the trained model that weighed this release''s pairs. The row prior is where every pair starts; the rows link and review are the match weights from which pairs are linked and shown to stewards, where they were chosen from the data.';
COMMENT ON COLUMN identity.model.comparison IS 'Comparison; prior for the starting point, link and review for the thresholds';
COMMENT ON COLUMN identity.model.place IS 'Order of the levels: the first that holds is taken';
COMMENT ON COLUMN identity.model.level IS 'What is seen at this level; at link, why this threshold';
COMMENT ON COLUMN identity.model.m IS 'Share of this level among pairs of one customer';
COMMENT ON COLUMN identity.model.u IS 'Share of this level among pairs of two customers';
COMMENT ON COLUMN identity.model.match_weight IS 'Evidence: log2 of m over u; a pair''s match weight is the sum, prior included';
COMMENT ON COLUMN identity.model.rarer_weighs_more IS 'Column whose rarer values weigh more at this level';

-- What was refused, what was checked, how runs went.

CREATE SCHEMA IF NOT EXISTS quality;

CREATE TABLE quality.quarantine (
    source VARCHAR NOT NULL,
    file VARCHAR NOT NULL,
    row_number BIGINT,
    reason VARCHAR NOT NULL,
    raw VARCHAR,
    delivered_at TIMESTAMP
);
COMMENT ON TABLE quality.quarantine IS 'One row a delivered row (or whole file) that could not be used.';
COMMENT ON COLUMN quality.quarantine.source IS 'Source';
COMMENT ON COLUMN quality.quarantine.file IS 'File as delivered';
COMMENT ON COLUMN quality.quarantine.row_number IS 'Data row in the file, from 1; null when the whole file was refused';
COMMENT ON COLUMN quality.quarantine.reason IS 'What was wrong with it';
COMMENT ON COLUMN quality.quarantine.raw IS 'The row as delivered';
COMMENT ON COLUMN quality.quarantine.delivered_at IS 'When the file was read (UTC)';

CREATE TABLE quality.results (
    run VARCHAR NOT NULL,
    "check" VARCHAR NOT NULL,
    stage VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    passed BOOLEAN NOT NULL,
    observed VARCHAR,
    expected VARCHAR,
    suite VARCHAR,
    "at" TIMESTAMP,
    accepted_by VARCHAR,
    accepted_because VARCHAR
);
COMMENT ON TABLE quality.results IS 'One row a check in a run.';
COMMENT ON COLUMN quality.results.run IS 'The run';
COMMENT ON COLUMN quality.results."check" IS 'What was checked';
COMMENT ON COLUMN quality.results.stage IS 'The stage whose outcome was checked';
COMMENT ON COLUMN quality.results.severity IS 'critical (a failure refuses the release) or warning';
COMMENT ON COLUMN quality.results.passed IS 'Whether it held';
COMMENT ON COLUMN quality.results.observed IS 'What was found';
COMMENT ON COLUMN quality.results.expected IS 'What is allowed';
COMMENT ON COLUMN quality.results.suite IS 'The suite the check belongs to';
COMMENT ON COLUMN quality.results."at" IS 'When it was checked (UTC)';
COMMENT ON COLUMN quality.results.accepted_by IS 'Who vouched for the figure though the check failed; null where nobody did';
COMMENT ON COLUMN quality.results.accepted_because IS 'The reason given';

CREATE TABLE quality.runs (
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
    changed BIGINT,
    retired BIGINT,
    known_rows BIGINT,
    kept_rows BIGINT,
    link_pairs BIGINT,
    clerical_pairs BIGINT,
    seconds DOUBLE
);
COMMENT ON TABLE quality.runs IS 'One row a run.';
COMMENT ON COLUMN quality.runs.run IS 'The run';
COMMENT ON COLUMN quality.runs.started_at IS 'When it began (UTC)';
COMMENT ON COLUMN quality.runs.finished_at IS 'When it ended (UTC)';
COMMENT ON COLUMN quality.runs.outcome IS 'published, refused or failed';
COMMENT ON COLUMN quality.runs.release IS 'The release it published';
COMMENT ON COLUMN quality.runs.rows_in IS 'Source rows it worked on';
COMMENT ON COLUMN quality.runs.quarantined IS 'Rows in quarantine';
COMMENT ON COLUMN quality.runs.records IS 'Records that were matched';
COMMENT ON COLUMN quality.runs.entities IS 'Customers found';
COMMENT ON COLUMN quality.runs.new_entities IS 'Customers not known before';
COMMENT ON COLUMN quality.runs.merged IS 'Customers that were merged into another';
COMMENT ON COLUMN quality.runs.split IS 'Customers that were split from another';
COMMENT ON COLUMN quality.runs.changed IS 'Customers that source rows joined or left, with no other customer involved';
COMMENT ON COLUMN quality.runs.retired IS 'Customers that lost their last source row';
COMMENT ON COLUMN quality.runs.known_rows IS 'Source rows of the last release that are still there';
COMMENT ON COLUMN quality.runs.kept_rows IS 'Those of them that are of the customer they were of';
COMMENT ON COLUMN quality.runs.link_pairs IS 'Pairs of records that were linked';
COMMENT ON COLUMN quality.runs.clerical_pairs IS 'Pairs of records a steward should look at';
COMMENT ON COLUMN quality.runs.seconds IS 'How long it took';

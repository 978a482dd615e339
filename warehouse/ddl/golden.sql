-- The golden records: one row a customer, where each value came from, every way to reach them.

CREATE SCHEMA IF NOT EXISTS golden;

CREATE TABLE golden.customers (
    entity_id VARCHAR NOT NULL,
    full_name VARCHAR,
    given_name VARCHAR,
    family_name VARCHAR,
    name_latin VARCHAR,
    date_of_birth DATE,
    gender VARCHAR,
    email VARCHAR,
    phone VARCHAR,
    address_line VARCHAR,
    city VARCHAR,
    region VARCHAR,
    postcode VARCHAR,
    country VARCHAR,
    loyalty_id VARCHAR,
    marketing_consent VARCHAR,
    record_count BIGINT NOT NULL,
    sources VARCHAR[] NOT NULL,
    first_seen_at TIMESTAMP,
    last_seen_at TIMESTAMP,
    confidence DOUBLE NOT NULL,
    updated_at TIMESTAMP,
    wechat_unionid VARCHAR,
    company VARCHAR,
    job_title VARCHAR,
    home_key VARCHAR
);
COMMENT ON TABLE golden.customers IS 'One row a customer (entity): the values that survived. An anonymous visitor nobody knows is not a customer.';
COMMENT ON COLUMN golden.customers.entity_id IS 'The lasting identity; never used for anyone else';
COMMENT ON COLUMN golden.customers.full_name IS 'Name in one piece, in Han characters where any source gave it so';
COMMENT ON COLUMN golden.customers.given_name IS 'Given name, from the same observation as full_name';
COMMENT ON COLUMN golden.customers.family_name IS 'Family name, from the same observation as full_name';
COMMENT ON COLUMN golden.customers.name_latin IS 'The name in Latin letters; pinyin for a name in Han characters';
COMMENT ON COLUMN golden.customers.date_of_birth IS 'Date of birth';
COMMENT ON COLUMN golden.customers.gender IS 'Gender as given, standardised';
COMMENT ON COLUMN golden.customers.email IS 'Primary email address';
COMMENT ON COLUMN golden.customers.phone IS 'Primary phone number, E.164';
COMMENT ON COLUMN golden.customers.address_line IS 'Street and number; the whole address comes from one observation';
COMMENT ON COLUMN golden.customers.city IS 'City or town';
COMMENT ON COLUMN golden.customers.region IS 'State or province';
COMMENT ON COLUMN golden.customers.postcode IS 'Postal code';
COMMENT ON COLUMN golden.customers.country IS 'Country, ISO 3166-1 alpha-2';
COMMENT ON COLUMN golden.customers.loyalty_id IS 'Loyalty card';
COMMENT ON COLUMN golden.customers.marketing_consent IS 'Whether marketing was allowed: granted, denied, unknown';
COMMENT ON COLUMN golden.customers.record_count IS 'Source rows that were found to be this customer''s; web visits are not counted';
COMMENT ON COLUMN golden.customers.sources IS 'The sources of those rows, in order of name';
COMMENT ON COLUMN golden.customers.first_seen_at IS 'The oldest of those rows (UTC)';
COMMENT ON COLUMN golden.customers.last_seen_at IS 'The newest of those rows (UTC)';
COMMENT ON COLUMN golden.customers.confidence IS 'The lowest match probability that holds the records together; 1 for a single record';
COMMENT ON COLUMN golden.customers.updated_at IS 'When the newest evidence about the customer was observed (UTC); the clock of a run plays no part';
COMMENT ON COLUMN golden.customers.wechat_unionid IS 'WeChat union id';
COMMENT ON COLUMN golden.customers.company IS 'Employer';
COMMENT ON COLUMN golden.customers.job_title IS 'Position';
COMMENT ON COLUMN golden.customers.home_key IS 'The address in one comparable form: town, number, street, unit, alike for all spellings of one dwelling; null without a town or a number';

CREATE TABLE golden.provenance (
    entity_id VARCHAR NOT NULL,
    attribute VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    source_record_id VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    alternatives JSON NOT NULL
);
COMMENT ON TABLE golden.provenance IS 'One row a published value of golden.customers: where it was observed, why it was preferred, what it was preferred to.';
COMMENT ON COLUMN golden.provenance.entity_id IS 'The customer';
COMMENT ON COLUMN golden.provenance.attribute IS 'Column of golden.customers';
COMMENT ON COLUMN golden.provenance.value IS 'The published value, as text';
COMMENT ON COLUMN golden.provenance.source IS 'Source that carried the value';
COMMENT ON COLUMN golden.provenance.source_record_id IS 'The row of that source that is credited with it';
COMMENT ON COLUMN golden.provenance.rule IS 'The survivorship rule at which the value was the only one left; only_value when there was no rival; value_order when every rule left a tie; latin_form when a Latin spelling was taken from another observation. A name or an address is chosen whole: its parts carry the rule that chose it';
COMMENT ON COLUMN golden.provenance.alternatives IS 'The values that lost, best first: [{value, source, source_record_id, last_observed_at, rows}]';

CREATE TABLE golden.contact_points (
    entity_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    is_primary BOOLEAN NOT NULL,
    first_seen_at TIMESTAMP,
    last_seen_at TIMESTAMP,
    sources VARCHAR[] NOT NULL
);
COMMENT ON TABLE golden.contact_points IS 'One row a customer, kind and value: every email address and phone number seen with the customer.';
COMMENT ON COLUMN golden.contact_points.entity_id IS 'The customer';
COMMENT ON COLUMN golden.contact_points.kind IS 'email or phone';
COMMENT ON COLUMN golden.contact_points.value IS 'The standardised address or number';
COMMENT ON COLUMN golden.contact_points.is_primary IS 'Whether it is the value in golden.customers';
COMMENT ON COLUMN golden.contact_points.first_seen_at IS 'When it was first observed (UTC)';
COMMENT ON COLUMN golden.contact_points.last_seen_at IS 'When it was last observed (UTC)';
COMMENT ON COLUMN golden.contact_points.sources IS 'The sources that carried it, in order of name';

CREATE TABLE golden.changes (
    release VARCHAR NOT NULL,
    "at" TIMESTAMP NOT NULL,
    entity_id VARCHAR NOT NULL,
    attribute VARCHAR NOT NULL,
    old_value VARCHAR,
    new_value VARCHAR
);
COMMENT ON TABLE golden.changes IS 'One row a customer and attribute whose published value is another than in the release before: this release''s changes only; oneid history and oneid diff tell those of all releases. What counts or dates evidence, or follows from a value (record_count, sources, first_seen_at, last_seen_at, confidence, updated_at, home_key), is left out.';
COMMENT ON COLUMN golden.changes.release IS 'This release';
COMMENT ON COLUMN golden.changes."at" IS 'When it was published (UTC)';
COMMENT ON COLUMN golden.changes.entity_id IS 'The customer';
COMMENT ON COLUMN golden.changes.attribute IS 'Column of golden.customers';
COMMENT ON COLUMN golden.changes.old_value IS 'Value in the release before, as text; null where there was none, or no such customer';
COMMENT ON COLUMN golden.changes.new_value IS 'Value in this release, as text; null where there is none any more, or the customer ended';

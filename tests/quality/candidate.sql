-- A healthy candidate from the frames members, entities, values and events.
INSERT INTO identity.crosswalk
SELECT source, source_record_id, entity_id, 'email', 1.0, source_record_id
FROM work.members JOIN work.entities USING (record_id) ORDER BY ALL;

INSERT INTO identity.events BY NAME SELECT * FROM work.events ORDER BY sequence;

INSERT INTO golden.customers (entity_id, full_name, email, record_count, sources, confidence)
SELECT entity_id, NULL, min(value), count(*), ['registration'], 1.0
FROM work.entities JOIN work."values" USING (record_id) GROUP BY entity_id ORDER BY entity_id;

INSERT INTO golden.provenance
SELECT g.entity_id, 'email', g.email, m.source, m.source_record_id, 'only_value', '[]'
FROM golden.customers g
JOIN work.entities e USING (entity_id)
JOIN work."values" v ON v.record_id = e.record_id AND v.value = g.email
JOIN work.members m ON m.record_id = e.record_id ORDER BY 1;

INSERT INTO golden.contact_points
SELECT entity_id, 'email', value, value = email, NULL, NULL, ['registration']
FROM work."values" JOIN work.entities USING (record_id) JOIN golden.customers USING (entity_id)
ORDER BY 1, 3;

CREATE SCHEMA IF NOT EXISTS marts;
CREATE TABLE marts.customer_360 AS SELECT entity_id FROM golden.customers ORDER BY 1;

CREATE TABLE marts.settings AS SELECT 'households.members_maximum' AS setting, '10' AS value;
CREATE TABLE marts.households AS
SELECT 'H-' || min(entity_id) OVER () AS household_id, entity_id, 2 AS members
FROM (FROM golden.customers ORDER BY entity_id LIMIT 2);

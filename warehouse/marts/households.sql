CREATE OR REPLACE TABLE marts.households AS
SELECT * EXCLUDE (seniority) FROM work.households ORDER BY household_id, seniority;

COMMENT ON TABLE marts.households IS 'One row a member of a household of two or more customers; nobody is in two, and members are never merged. Its core shares a dwelling (home_key of golden.customers) and a surname, in Han or in pinyin, or else one phone; others belong to it who share a phone with one of its core. A dwelling of more than households.members_maximum customers (marts.settings) is nobody''s home, a phone of more than households.bearers_maximum joins nobody, nor does one whose bearers differ in both surname and dwelling.';
COMMENT ON COLUMN marts.households.household_id IS 'H- and the id of its oldest member: it stays while the household grows, and passes on when that member leaves';
COMMENT ON COLUMN marts.households.entity_id IS 'The customer';
COMMENT ON COLUMN marts.households.shares IS 'What the customer has in common with another member: address_and_surname, phone or both';
COMMENT ON COLUMN marts.households.members IS 'Customers in the household';
COMMENT ON COLUMN marts.households.first_seen_at IS 'The oldest source row of any member (UTC)';
COMMENT ON COLUMN marts.households.last_seen_at IS 'The newest source row of any member (UTC)';

-- Only the rows of customers in work.renewed are made; the others are those of the last build.
CREATE OR REPLACE TEMP VIEW customer_360 AS
WITH bought AS (
    SELECT
        entity_id,
        count(*) FILTER (state = 'paid') AS orders,
        sum(worth) FILTER (state = 'paid') AS revenue,
        count(worth) FILTER (state = 'paid') AS converted,
        min(ordered_at) FILTER (state = 'paid') AS first_order_at,
        max(ordered_at) FILTER (state = 'paid') AS last_order_at,
        count(*) FILTER (state = 'refunded') AS refunded_orders,
        sum(worth) FILTER (state = 'refunded') AS refunded_amount,
        count(*) FILTER (state = 'cancelled') AS cancelled_orders,
        count(*) FILTER (state = 'unknown') AS orders_of_unknown_status,
        count(*) FILTER (state = 'paid' AND worth IS NULL) AS unconverted_orders
    FROM work.orders
    SEMI JOIN work.renewed USING (entity_id)
    GROUP BY entity_id
),
categories AS (
    SELECT entity_id, product_category, count(*) AS orders
    FROM work.orders
    SEMI JOIN work.renewed USING (entity_id)
    WHERE state = 'paid' AND product_category IS NOT NULL
    GROUP BY entity_id, product_category
),
favourites AS (
    SELECT entity_id,
           arg_min(product_category, {'few': -orders, 'name': product_category}) AS category
    FROM categories
    GROUP BY entity_id
),
browsed AS (
    SELECT
        entity_id,
        count(*) AS web_events,
        count(DISTINCT coalesce(session_id, concat_ws(':', anonymous_id, occurred_at::DATE)))
            AS visits,
        count(DISTINCT session_id) AS sessions,
        max(occurred_at) AS last_visit_at
    FROM facts.web_events
    SEMI JOIN work.renewed USING (entity_id)
    GROUP BY entity_id
),
heard AS (
    SELECT
        entity_id,
        count(*) AS feedback_count,
        count(rating) AS ratings,
        round(avg(rating), 2) AS average_rating,
        arg_max(nps, {'at': submitted_at, 'row': feedback_id}) FILTER (nps IS NOT NULL)
            AS nps_latest,
        count(*) FILTER (is_complaint) AS complaints,
        count(*) FILTER (is_open) AS complaints_open
    FROM work.heard
    SEMI JOIN work.renewed USING (entity_id)
    GROUP BY entity_id
),
touched AS (
    SELECT
        entity_id,
        count(*) FILTER (kind IN ('social_interactions', 'interactions')) AS interactions,
        max("at") FILTER (kind IN ('social_interactions', 'interactions')) AS last_interaction_at,
        max("at") AS last_activity_at
    FROM work.touches
    SEMI JOIN work.renewed USING (entity_id)
    GROUP BY entity_id
)
SELECT
    c.entity_id,
    c.full_name,
    c.name_latin,
    c.email,
    c.phone,
    c.city,
    c.region,
    c.country,
    c.date_of_birth,
    c.gender,
    c.loyalty_id,
    c.marketing_consent,
    c.record_count,
    c.sources,
    coalesce(b.orders, 0) AS orders,
    CAST(coalesce(b.revenue, 0) AS DECIMAL(18, 2)) AS revenue,
    CAST(round(b.revenue / nullif(b.converted, 0), 2) AS DECIMAL(18, 2)) AS average_order_value,
    s.reporting_currency AS currency,
    b.first_order_at,
    b.last_order_at,
    coalesce(b.refunded_orders, 0) AS refunded_orders,
    CAST(coalesce(b.refunded_amount, 0) AS DECIMAL(18, 2)) AS refunded_amount,
    coalesce(b.cancelled_orders, 0) AS cancelled_orders,
    coalesce(b.orders_of_unknown_status, 0) AS orders_of_unknown_status,
    coalesce(b.unconverted_orders, 0) AS unconverted_orders,
    f.category AS favourite_category,
    coalesce(w.web_events, 0) AS web_events,
    coalesce(w.visits, 0) AS visits,
    coalesce(w.sessions, 0) AS sessions,
    w.last_visit_at,
    coalesce(t.interactions, 0) AS interactions,
    t.last_interaction_at,
    coalesce(h.feedback_count, 0) AS feedback_count,
    coalesce(h.ratings, 0) AS ratings,
    h.average_rating,
    CAST(h.nps_latest AS DOUBLE) AS nps_latest,
    coalesce(h.complaints, 0) AS complaints,
    coalesce(h.complaints_open, 0) AS complaints_open,
    o.household_id,
    coalesce(o.members, 1) AS household_members,
    c.first_seen_at,
    greatest(c.last_seen_at, t.last_activity_at) AS last_activity_at
FROM golden.customers c
SEMI JOIN work.renewed USING (entity_id)
CROSS JOIN work.settings s
LEFT JOIN bought b USING (entity_id)
LEFT JOIN favourites f USING (entity_id)
LEFT JOIN browsed w USING (entity_id)
LEFT JOIN touched t USING (entity_id)
LEFT JOIN heard h USING (entity_id)
LEFT JOIN marts.households o USING (entity_id)
ORDER BY c.entity_id;

CREATE TABLE IF NOT EXISTS marts.customer_360 AS FROM customer_360 LIMIT 0;
DELETE FROM marts.customer_360 WHERE entity_id NOT IN (SELECT entity_id FROM golden.customers)
    OR entity_id IN (SELECT entity_id FROM work.renewed);
INSERT INTO marts.customer_360 BY NAME FROM customer_360;

COMMENT ON TABLE marts.customer_360 IS 'One row a customer, every customer of golden.customers once: who they are, what they bought, how they visit, what they say. Counts are 0 where nothing is known, times and averages null.';
COMMENT ON COLUMN marts.customer_360.entity_id IS 'The customer';
COMMENT ON COLUMN marts.customer_360.full_name IS 'Name, as in golden.customers';
COMMENT ON COLUMN marts.customer_360.name_latin IS 'Name in Latin letters';
COMMENT ON COLUMN marts.customer_360.email IS 'Primary email address';
COMMENT ON COLUMN marts.customer_360.phone IS 'Primary phone number, E.164';
COMMENT ON COLUMN marts.customer_360.city IS 'City or town';
COMMENT ON COLUMN marts.customer_360.region IS 'State or province';
COMMENT ON COLUMN marts.customer_360.country IS 'Country, ISO 3166-1 alpha-2';
COMMENT ON COLUMN marts.customer_360.date_of_birth IS 'Date of birth';
COMMENT ON COLUMN marts.customer_360.gender IS 'Gender as given, standardised';
COMMENT ON COLUMN marts.customer_360.loyalty_id IS 'Loyalty card';
COMMENT ON COLUMN marts.customer_360.marketing_consent IS 'Whether marketing was allowed: granted, denied, unknown';
COMMENT ON COLUMN marts.customer_360.record_count IS 'Source rows that are this customer''s; web visits are not counted';
COMMENT ON COLUMN marts.customer_360.sources IS 'The sources of those rows';
COMMENT ON COLUMN marts.customer_360.orders IS 'Paid orders, whatever their currency';
COMMENT ON COLUMN marts.customer_360.revenue IS 'Amounts of paid orders, each converted to the reporting currency at the rate of marts.settings and rounded to cents; refunded and cancelled orders add nothing';
COMMENT ON COLUMN marts.customer_360.average_order_value IS 'Revenue by converted paid order; null without any';
COMMENT ON COLUMN marts.customer_360.currency IS 'The reporting currency of revenue, average_order_value and refunded_amount';
COMMENT ON COLUMN marts.customer_360.first_order_at IS 'First paid order (UTC)';
COMMENT ON COLUMN marts.customer_360.last_order_at IS 'Last paid order (UTC)';
COMMENT ON COLUMN marts.customer_360.refunded_orders IS 'Orders that were refunded';
COMMENT ON COLUMN marts.customer_360.refunded_amount IS 'Amounts of refunded orders, converted';
COMMENT ON COLUMN marts.customer_360.cancelled_orders IS 'Orders that were cancelled';
COMMENT ON COLUMN marts.customer_360.orders_of_unknown_status IS 'Orders whose source does not say whether they were paid; see order_without_status in marts.settings';
COMMENT ON COLUMN marts.customer_360.unconverted_orders IS 'Paid orders in a currency without a rate: counted in orders, not in revenue';
COMMENT ON COLUMN marts.customer_360.favourite_category IS 'Product category of most paid orders; among equals the first by name';
COMMENT ON COLUMN marts.customer_360.web_events IS 'Web events, those before the visitor was recognised included';
COMMENT ON COLUMN marts.customer_360.visits IS 'Visits to the site: sessions, and for events without one the days of a browser';
COMMENT ON COLUMN marts.customer_360.sessions IS 'Distinct web sessions';
COMMENT ON COLUMN marts.customer_360.last_visit_at IS 'Last web event (UTC)';
COMMENT ON COLUMN marts.customer_360.interactions IS 'Rows of facts.social_interactions, and of facts.interactions where the project has it';
COMMENT ON COLUMN marts.customer_360.last_interaction_at IS 'Last of them (UTC)';
COMMENT ON COLUMN marts.customer_360.feedback_count IS 'Surveys, complaints, reviews, calls, chats and emails';
COMMENT ON COLUMN marts.customer_360.ratings IS 'How many of them rate';
COMMENT ON COLUMN marts.customer_360.average_rating IS 'Average rating, 1 to 5, all time';
COMMENT ON COLUMN marts.customer_360.nps_latest IS 'Latest answer to "would you recommend us", 0 to 10';
COMMENT ON COLUMN marts.customer_360.complaints IS 'Complaints, all time';
COMMENT ON COLUMN marts.customer_360.complaints_open IS 'Complaints neither resolved nor in a closed status';
COMMENT ON COLUMN marts.customer_360.household_id IS 'The household in marts.households; null for a customer who is in none';
COMMENT ON COLUMN marts.customer_360.household_members IS 'Customers in it, this one included; 1 for a customer who is in none';
COMMENT ON COLUMN marts.customer_360.first_seen_at IS 'First source row (UTC)';
COMMENT ON COLUMN marts.customer_360.last_activity_at IS 'Last event or source row of any kind (UTC)';

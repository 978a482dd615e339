CREATE OR REPLACE TABLE marts.lifecycle AS
WITH ages AS (
    SELECT
        c.*,
        greatest(date_diff('day', c.first_order_at, s.as_of), 0) AS days_since_first_order,
        greatest(date_diff('day', c.last_order_at, s.as_of), 0) AS days_since_last_order,
        greatest(date_diff('day', c.last_activity_at, s.as_of), 0) AS days_since_activity
    FROM marts.customer_360 c
    CROSS JOIN work.settings s
)
SELECT
    a.entity_id,
    CASE
        WHEN a.orders = 0 THEN 'prospect'
        WHEN a.days_since_first_order <= s.new_days THEN 'new'
        WHEN a.days_since_last_order <= s.active_days THEN 'active'
        WHEN a.days_since_last_order <= s.at_risk_days THEN 'at_risk'
        WHEN a.days_since_last_order <= s.lapsed_days THEN 'lapsed'
        ELSE 'lost'
    END AS stage,
    a.orders,
    a.first_order_at,
    a.last_order_at,
    CASE WHEN a.orders > 0 THEN a.days_since_first_order END AS days_since_first_order,
    CASE WHEN a.orders > 0 THEN a.days_since_last_order END AS days_since_last_order,
    a.last_activity_at,
    CASE WHEN a.last_activity_at IS NOT NULL THEN a.days_since_activity END AS days_since_activity
FROM ages a
CROSS JOIN work.settings s
ORDER BY a.entity_id;

COMMENT ON TABLE marts.lifecycle IS 'One row a customer: where they stand as a buyer, by paid orders. Ages are counted to the newest event in the data (as_of in marts.settings), cut-offs are in marts.settings.';
COMMENT ON COLUMN marts.lifecycle.entity_id IS 'The customer';
COMMENT ON COLUMN marts.lifecycle.stage IS 'prospect: no paid order. new: first paid order at most lifecycle.new days ago. Else by the days since the last paid order: active, at_risk, lapsed up to their cut-offs, lost beyond';
COMMENT ON COLUMN marts.lifecycle.orders IS 'Paid orders';
COMMENT ON COLUMN marts.lifecycle.first_order_at IS 'First paid order (UTC)';
COMMENT ON COLUMN marts.lifecycle.last_order_at IS 'Last paid order (UTC)';
COMMENT ON COLUMN marts.lifecycle.days_since_first_order IS 'Days since the first paid order; null for a prospect';
COMMENT ON COLUMN marts.lifecycle.days_since_last_order IS 'Days since the last paid order; null for a prospect';
COMMENT ON COLUMN marts.lifecycle.last_activity_at IS 'Last event or source row of any kind (UTC)';
COMMENT ON COLUMN marts.lifecycle.days_since_activity IS 'Days since that';

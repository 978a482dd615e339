-- What several marts need: each order with its state and its worth in the reporting currency.
-- Worth is rounded to cents order by order, so that sums are exact and come out alike every time.

CREATE OR REPLACE TABLE work.orders AS
SELECT
    t.entity_id,
    t.transaction_id,
    t.ordered_at,
    t.product_category,
    coalesce(lower(t.status), s.order_without_status) AS state,
    CAST(t.amount * r.rate AS DECIMAL(18, 2)) AS worth
FROM facts.transactions t
CROSS JOIN work.settings s
LEFT JOIN work.rates r ON r.currency = upper(t.currency)
WHERE t.entity_id IS NOT NULL;

CREATE OR REPLACE TABLE work.heard AS
SELECT
    f.entity_id,
    f.feedback_id,
    f.submitted_at,
    CAST(f.rating AS DECIMAL(9, 2)) AS rating,
    CAST(f.nps AS DECIMAL(9, 2)) AS nps,
    lower(f.channel) = 'complaint' AS is_complaint,
    lower(f.channel) = 'complaint' AND f.resolved_at IS NULL
        AND NOT list_contains(s.closed_statuses, coalesce(lower(trim(f.status)), '')) AS is_open,
    f.submitted_at > s.as_of - to_days(s.window_days) AS is_recent
FROM facts.feedback f
CROSS JOIN work.settings s
WHERE f.entity_id IS NOT NULL;

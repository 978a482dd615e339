CREATE OR REPLACE TABLE marts.rfm AS
WITH buyers AS (
    SELECT
        c.entity_id,
        greatest(date_diff('day', c.last_order_at, s.as_of), 0) AS recency_days,
        c.orders AS frequency,
        c.revenue AS monetary
    FROM marts.customer_360 c
    CROSS JOIN work.settings s
    WHERE c.orders > 0
),
-- Equal customers get equal scores: a fifth is counted by how many are strictly worse.
scored AS (
    SELECT
        *,
        1 + (5 * (rank() OVER (ORDER BY recency_days DESC) - 1)) // count(*) OVER () AS recency_score,
        1 + (5 * (rank() OVER (ORDER BY frequency) - 1)) // count(*) OVER () AS frequency_score,
        1 + (5 * (rank() OVER (ORDER BY monetary) - 1)) // count(*) OVER () AS monetary_score
    FROM buyers
)
SELECT
    b.entity_id,
    b.recency_days,
    b.frequency,
    b.monetary,
    b.recency_score,
    b.frequency_score,
    b.monetary_score,
    concat(b.recency_score, b.frequency_score, b.monetary_score) AS cell,
    arg_min(g.name, g.place) AS segment
FROM scored b
JOIN work.rfm_segments g
    ON b.recency_score BETWEEN g.recency_from AND g.recency_to
    AND b.frequency_score BETWEEN g.frequency_from AND g.frequency_to
    AND b.monetary_score BETWEEN g.monetary_from AND g.monetary_to
GROUP BY ALL
ORDER BY b.entity_id;

COMMENT ON TABLE marts.rfm IS 'One row a customer with at least one paid order: how recently, how often and how much they bought, scored against the other buyers.';
COMMENT ON COLUMN marts.rfm.entity_id IS 'The customer';
COMMENT ON COLUMN marts.rfm.recency_days IS 'Days from the last paid order to the newest event in the data (as_of in marts.settings)';
COMMENT ON COLUMN marts.rfm.frequency IS 'Paid orders';
COMMENT ON COLUMN marts.rfm.monetary IS 'Revenue in the reporting currency';
COMMENT ON COLUMN marts.rfm.recency_score IS '1 to 5: 1 + the fifths of buyers who bought strictly longer ago; equal customers score alike';
COMMENT ON COLUMN marts.rfm.frequency_score IS '1 to 5: 1 + the fifths of buyers with strictly fewer orders';
COMMENT ON COLUMN marts.rfm.monetary_score IS '1 to 5: 1 + the fifths of buyers with strictly less revenue';
COMMENT ON COLUMN marts.rfm.cell IS 'The three scores side by side, recency first';
COMMENT ON COLUMN marts.rfm.segment IS 'The first segment of rfm_segments in marts.yml whose bounds hold the scores';

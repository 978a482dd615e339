CREATE OR REPLACE TABLE marts.satisfaction AS
WITH heard AS (
    SELECT
        entity_id,
        count(*) FILTER (is_recent) AS feedback_count,
        count(rating) FILTER (is_recent) AS ratings,
        avg(rating) FILTER (is_recent) AS average_rating,
        arg_max(nps, {'at': submitted_at, 'row': feedback_id})
            FILTER (nps IS NOT NULL AND is_recent) AS nps_latest,
        count(*) FILTER (is_complaint AND is_recent) AS complaints,
        count(*) FILTER (is_open AND is_recent) AS complaints_open,
        max(submitted_at) AS last_feedback_at
    FROM work.heard
    GROUP BY entity_id
),
weighed AS (
    SELECT
        h.*,
        CASE WHEN average_rating IS NULL THEN 0 ELSE s.rating_weight END AS rating_share,
        CASE WHEN nps_latest IS NULL THEN 0 ELSE s.nps_weight END AS nps_share,
        coalesce((average_rating - 1) * 25, 0) AS rating_points,
        coalesce(CAST(nps_latest AS DOUBLE) * 10, 0) AS nps_points,
        least(
            (complaints - complaints_open) * s.complaint_penalty
                + complaints_open * s.open_complaint_penalty,
            s.penalty_maximum
        ) AS penalty
    FROM heard h
    CROSS JOIN work.settings s
),
based AS (
    SELECT
        w.*,
        coalesce(
            (w.rating_points * w.rating_share + w.nps_points * w.nps_share)
                / nullif(w.rating_share + w.nps_share, 0),
            CASE WHEN w.complaints > 0 THEN s.neutral END
        ) AS base
    FROM weighed w
    CROSS JOIN work.settings s
),
scored AS (
    SELECT
        *,
        -- greatest() passes over nulls, so a customer without a base must be kept out of it
        CASE WHEN base IS NOT NULL THEN round(greatest(0, base - penalty), 1) END AS score
    FROM based
)
SELECT
    h.entity_id,
    h.feedback_count,
    h.ratings,
    round(h.average_rating, 2) AS average_rating,
    CAST(h.nps_latest AS DOUBLE) AS nps_latest,
    CASE WHEN h.nps_latest >= 9 THEN 'promoter' WHEN h.nps_latest >= 7 THEN 'passive'
         WHEN h.nps_latest IS NOT NULL THEN 'detractor' END AS nps_class,
    h.complaints,
    h.complaints_open,
    h.score,
    coalesce(arg_min(b.name, b.place), 'unknown') AS band,
    h.last_feedback_at
FROM scored h
LEFT JOIN work.satisfaction_bands b ON h.score >= b.floor
GROUP BY ALL
ORDER BY h.entity_id;

COMMENT ON TABLE marts.satisfaction IS 'One row a customer who ever gave feedback: how content they are. Only feedback of the last satisfaction.window_days days counts (marts.settings), but for last_feedback_at.';
COMMENT ON COLUMN marts.satisfaction.entity_id IS 'The customer';
COMMENT ON COLUMN marts.satisfaction.feedback_count IS 'Feedback rows in the window';
COMMENT ON COLUMN marts.satisfaction.ratings IS 'Ratings in the window';
COMMENT ON COLUMN marts.satisfaction.average_rating IS 'Their average, 1 to 5';
COMMENT ON COLUMN marts.satisfaction.nps_latest IS 'Latest answer to "would you recommend us" in the window, 0 to 10';
COMMENT ON COLUMN marts.satisfaction.nps_class IS 'promoter (9-10), passive (7-8) or detractor (0-6), by nps_latest';
COMMENT ON COLUMN marts.satisfaction.complaints IS 'Complaints in the window';
COMMENT ON COLUMN marts.satisfaction.complaints_open IS 'Of these, neither resolved nor in a closed status';
COMMENT ON COLUMN marts.satisfaction.score IS '0 to 100: the weighted mean of the average rating ((rating - 1) x 25) and the latest recommendation (x 10), of those there are, or the neutral score where only complaints were heard; less a penalty a complaint, higher while it is open, up to penalty_maximum. Null where none of these is known';
COMMENT ON COLUMN marts.satisfaction.band IS 'The first band of marts.yml whose floor the score reaches; unknown without a score';
COMMENT ON COLUMN marts.satisfaction.last_feedback_at IS 'Last feedback of all time (UTC)';

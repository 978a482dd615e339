-- The pairs left to a steward, with what hangs on them. Grain: clerical pair.
WITH customers AS (
    SELECT entity_id, full_name, orders, coalesce(revenue, 0) AS revenue FROM marts.customer_360
)
SELECT
    m.source_l, m.source_record_id_l, m.source_r, m.source_record_id_r,
    m.match_weight, m.match_probability,
    coalesce(json_extract_string(m.why, 'refused'), 'between the thresholds') AS reason,
    l.entity_id AS entity_id_l, r.entity_id AS entity_id_r,
    cl.full_name AS name_l, cr.full_name AS name_r,
    coalesce(cl.orders, 0) + if(l.entity_id = r.entity_id, 0, coalesce(cr.orders, 0)) AS orders,
    coalesce(cl.revenue, 0)
        + if(l.entity_id = r.entity_id, 0, coalesce(cr.revenue, 0)) AS revenue
FROM identity.matches m
JOIN identity.crosswalk l
    ON l.source = m.source_l AND l.source_record_id = m.source_record_id_l
JOIN identity.crosswalk r
    ON r.source = m.source_r AND r.source_record_id = m.source_record_id_r
LEFT JOIN customers cl ON cl.entity_id = l.entity_id
LEFT JOIN customers cr ON cr.entity_id = r.entity_id
WHERE m.status = 'clerical'

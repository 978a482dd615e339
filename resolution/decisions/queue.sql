-- Pairs that are asked about, with what hangs on them. Grain: pair of `asked`: clerical pairs, or weak links.
WITH customers AS (
    SELECT entity_id, full_name, orders, coalesce(revenue, 0) AS revenue FROM marts.customer_360
),
asked AS ({asked})
SELECT
    m.source_l, m.source_record_id_l, m.source_r, m.source_record_id_r,
    m.match_weight, m.match_probability, m.reason,
    -- pairs of one pattern differ in their values alone: the same levels, for the same reason
    md5(concat_ws(';', m.reason, array_to_string(list_sort(list_transform(
        list_filter(json_keys(m.why), lambda name: name <> 'refused'),
        lambda name: concat(name, '=', json_extract_string(m.why, concat('$."', name, '".level')))
    )), ';'))) AS pattern,
    l.entity_id AS entity_id_l, r.entity_id AS entity_id_r,
    cl.full_name AS name_l, cr.full_name AS name_r,
    coalesce(cl.orders, 0) + if(l.entity_id = r.entity_id, 0, coalesce(cr.orders, 0)) AS orders,
    coalesce(cl.revenue, 0)
        + if(l.entity_id = r.entity_id, 0, coalesce(cr.revenue, 0)) AS revenue
FROM asked m
JOIN identity.crosswalk l
    ON l.source = m.source_l AND l.source_record_id = m.source_record_id_l
JOIN identity.crosswalk r
    ON r.source = m.source_r AND r.source_record_id = m.source_record_id_r
LEFT JOIN customers cl ON cl.entity_id = l.entity_id
LEFT JOIN customers cr ON cr.entity_id = r.entity_id

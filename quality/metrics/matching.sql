-- Figures about links and entities, and how they differ from the last release. One row.
WITH
sizes AS (SELECT entity_id, count(*) AS records FROM entities GROUP BY entity_id),
totals AS (
    SELECT
        coalesce(sum(records), 0) AS records,
        count(*) AS entities,
        max(records) AS largest,
        quantile_disc(records, 0.99) AS p99,
        coalesce(sum(records) FILTER (records > 1), 0) AS linked
    FROM sizes
),
scored AS (
    SELECT
        count(*) FILTER (status = 'link') AS links,
        count(*) FILTER (status = 'clerical') AS clerical,
        count(*) FILTER (status = 'refused') AS refused,
        count(*) AS pairs
    FROM pairs
),
-- Entities and values by their 64-bit hashes: there are many, and they are only counted.
held AS MATERIALIZED (
    SELECT DISTINCT hash(e.entity_id) AS entity_id, v.attribute, hash(v.value) AS value
    FROM "values" v JOIN entities e USING (record_id)
    WHERE v.value IS NOT NULL
),
contacts AS (FROM held WHERE attribute IN ('email', 'phone')),
fan_out AS (
    SELECT max(entities) AS widest, avg((entities > 8)::INT) AS wide_share, count(*) AS n
    FROM (SELECT count(*) AS entities FROM contacts GROUP BY attribute, value)
),
-- An active customer has many records, but few names, emails and phones; several people taken
-- for one have many. What grows with activity (orders, cards, addresses) is left out.
kinds AS (
    FROM held
    WHERE attribute NOT IN (
            'address_line', 'city', 'region', 'postcode', 'country',
            'payment_token', 'company', 'job_title'
        )
        AND NOT suffix(attribute, '_id')
),
fan_in AS (
    SELECT max(n) AS most, max(n / different) FILTER (different >= 50) AS share
    FROM (SELECT attribute, count(*) AS n FROM kinds GROUP BY entity_id, attribute)
    JOIN (SELECT attribute, count(DISTINCT value) AS different FROM kinds GROUP BY attribute)
        USING (attribute)
),
split_clusters AS (
    SELECT count(*) AS n FROM (
        SELECT cluster_id FROM entities GROUP BY cluster_id HAVING count(DISTINCT entity_id) > 1
        UNION ALL
        SELECT min(cluster_id) FROM entities GROUP BY entity_id HAVING count(DISTINCT cluster_id) > 1
    )
),
-- Drift is measured on records that hold a row the last release knew: new rows and new sources
-- may link more or less than the old ones without anything being wrong.
known AS (
    SELECT m.record_id, min(c.entity_id) AS old_id
    FROM members m JOIN last_crosswalk c USING (source, source_record_id)
    GROUP BY m.record_id
),
kept AS (
    SELECT
        count(*) OVER (PARTITION BY old_id) > 1 AS was_linked,
        count(*) OVER (PARTITION BY old_id, e.entity_id) > 1 AS still_linked,
        count(*) OVER (PARTITION BY e.entity_id) > 1 AS is_linked,
        k.old_id = e.entity_id AS same_id
    FROM known k JOIN entities e USING (record_id)
),
drift AS (
    SELECT
        count(*) AS records,
        count(*) FILTER (was_linked) AS were_linked,
        count(*) FILTER (was_linked AND still_linked) AS still_linked,
        count(*) FILTER (NOT was_linked) AS were_single,
        count(*) FILTER (NOT was_linked AND is_linked) AS now_linked,
        count(*) FILTER (same_id) AS same_id
    FROM kept
),
last AS (SELECT count(*) AS rows, count(DISTINCT entity_id) AS entities FROM last_crosswalk)
SELECT
    totals.records,
    totals.entities,
    totals.linked / nullif(totals.records, 0) AS linked_share,
    CASE WHEN totals.records >= 1000 THEN totals.linked / totals.records END
        AS linked_share_of_many,
    totals.largest AS largest_cluster,
    -- One customer may well be a large part of a handful of records.
    CASE WHEN totals.records >= 1000 THEN totals.largest / totals.records END
        AS largest_cluster_share,
    totals.p99 AS cluster_size_p99,
    scored.links AS link_pairs,
    scored.clerical AS clerical_pairs,
    scored.refused AS refused_pairs,
    CASE WHEN scored.pairs >= 100 THEN scored.clerical / scored.pairs END AS clerical_share,
    fan_out.widest AS entities_per_contact_max,
    CASE WHEN fan_out.n >= 100 THEN fan_out.wide_share END AS widely_shared_contact_share,
    fan_in.most AS values_per_entity_max,
    fan_in.share AS largest_value_share,
    split_clusters.n AS clusters_without_one_id,
    (SELECT count(*) FROM entities WHERE entity_id IS NULL) AS records_without_entity,
    CASE WHEN last.entities >= 20 THEN totals.entities / last.entities END AS entity_count_ratio,
    CASE WHEN last.rows >= 20
        THEN (SELECT count(*) FROM members m SEMI JOIN last_crosswalk c
              USING (source, source_record_id))
             / (SELECT count(*) FROM last_crosswalk c
                WHERE source IN (SELECT DISTINCT source FROM members))
    END AS known_rows_share,
    CASE WHEN drift.were_linked >= 20 THEN drift.still_linked / drift.were_linked END
        AS kept_links_share,
    CASE WHEN drift.were_single >= 20 THEN drift.now_linked / drift.were_single END
        AS newly_linked_share,
    CASE WHEN drift.records >= 20 THEN drift.same_id / drift.records END AS kept_ids_share
FROM totals, scored, fan_out, fan_in, split_clusters, drift, last

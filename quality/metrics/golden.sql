-- Figures about the candidate: mostly counts of what must not be there. One row.
WITH
assigned AS (
    SELECT m.source, m.source_record_id, e.entity_id
    FROM members m JOIN entities e USING (record_id)
),
written AS (
    UNPIVOT (
        SELECT entity_id, COLUMNS(* EXCLUDE (
            entity_id, record_count, sources, first_seen_at, last_seen_at, confidence, updated_at
        ))::VARCHAR
        FROM golden.customers
    )
    ON COLUMNS(* EXCLUDE entity_id) INTO NAME attribute VALUE value
),
-- Compared by 64-bit hash: a million customers have ten million values. That one wrong value is
-- taken for a right one by chance is less likely than one in a trillion.
written_hashes AS MATERIALIZED (SELECT hash(entity_id, attribute, value) AS h FROM written),
provenance_hashes AS MATERIALIZED (
    SELECT attribute, hash(entity_id, attribute, value) AS h FROM golden.provenance
),
observed AS (
    SELECT hash(e.entity_id, v.attribute, v.value) AS h
    FROM "values" v JOIN entities e USING (record_id) WHERE v.value IS NOT NULL
),
observable AS (SELECT DISTINCT attribute FROM "values" WHERE value IS NOT NULL),
merged_away AS (
    SELECT other_entity_id AS entity_id, entity_id AS heir FROM identity.events
    WHERE kind = 'merged'
),
issued AS (SELECT entity_id FROM identity.events WHERE kind = 'created'),
contacts AS (
    SELECT entity_id, kind, value, is_primary FROM golden.contact_points
),
totals AS (
    SELECT
        count(*) AS entities,
        count(*) - count(DISTINCT entity_id) AS duplicate_entities,
        count(*) FILTER (NOT regexp_full_match(entity_id, 'C-[0-9A-HJKMNP-TV-Z]{13}'))
            AS malformed_ids,
        count(*) FILTER (email IS NOT NULL AND NOT regexp_full_match(email, '[^@\s]+@[^@\s]+\.[^@\s]+'))
            AS malformed_emails,
        count(*) FILTER (phone IS NOT NULL AND NOT regexp_full_match(phone, '\+[1-9][0-9]{5,14}'))
            AS malformed_phones,
        count(*) FILTER (country IS NOT NULL AND NOT regexp_full_match(country, '[A-Z]{2}'))
            AS malformed_countries,
        count(*) FILTER (date_of_birth > last_seen_at) AS births_after_last_seen,
        count(*) FILTER (first_seen_at > last_seen_at) AS seen_backwards,
        count(*) FILTER (record_count < 1) AS entities_without_rows,
        count(*) FILTER (confidence NOT BETWEEN 0 AND 1) AS impossible_confidences,
        -- Null, as not applying, where no source delivers such an attribute: a project of
        -- companies or articles has no persons' names.
        avg((coalesce(full_name, name_latin, given_name, family_name) IS NOT NULL)::INT) FILTER (
            EXISTS (FROM "values" WHERE attribute IN ('full_name', 'given_name', 'family_name'))
        ) AS named_share,
        avg((coalesce(email, phone, address_line) IS NOT NULL)::INT) FILTER (
            EXISTS (FROM "values" WHERE attribute IN ('email', 'phone', 'address_line'))
        ) AS reachable_share
    FROM golden.customers
)
SELECT
    totals.*,
    (SELECT count(*) FROM (
        SELECT source, source_record_id FROM identity.crosswalk GROUP BY ALL HAVING count(*) > 1
    )) AS rows_in_several_entities,
    (SELECT count(*) FROM assigned a ANTI JOIN identity.crosswalk c
        USING (source, source_record_id, entity_id)) AS rows_without_their_entity,
    (SELECT count(*) FROM identity.crosswalk c ANTI JOIN golden.customers g USING (entity_id))
        AS rows_of_unknown_entities,
    (SELECT count(*) FROM golden.customers g ANTI JOIN assigned a USING (entity_id))
        AS entities_without_member,
    (SELECT count(*) FROM written_hashes w ANTI JOIN provenance_hashes p USING (h))
        AS values_without_provenance,
    (SELECT count(*) FROM provenance_hashes p ANTI JOIN written_hashes w USING (h))
        AS provenance_without_value,
    (SELECT count(*) FROM (
        SELECT entity_id, attribute FROM golden.provenance GROUP BY ALL HAVING count(*) > 1
    )) AS doubled_provenance,
    (SELECT count(*) FROM golden.provenance p ANTI JOIN identity.crosswalk c
        USING (entity_id, source, source_record_id)) AS provenance_of_other_entities,
    (SELECT count(*) FROM provenance_hashes p ANTI JOIN observed o USING (h)
        WHERE attribute IN (FROM observable)) AS values_no_member_holds,
    (SELECT count(*) FROM (
        SELECT entity_id, kind, value FROM contacts GROUP BY ALL HAVING count(*) > 1
    )) AS doubled_contact_points,
    (SELECT count(*) FROM contacts c ANTI JOIN golden.customers g USING (entity_id))
        AS contacts_of_unknown_entities,
    (SELECT count(*) FROM written w ANTI JOIN (FROM contacts WHERE is_primary) c
        ON w.entity_id = c.entity_id AND w.attribute = c.kind AND w.value = c.value
        WHERE w.attribute IN ('email', 'phone')) AS values_without_contact_point,
    (SELECT count(*) FROM golden.customers g ANTI JOIN marts.customer_360 m USING (entity_id))
        AS customers_without_360,
    (SELECT count(*) - count(DISTINCT entity_id) FROM marts.customer_360) AS doubled_360,
    (SELECT count(*) FROM marts.customer_360 m ANTI JOIN golden.customers g USING (entity_id))
        AS unknown_360,
    (SELECT count(*) - count(DISTINCT entity_id) FROM marts.households) AS doubled_household_members,
    (SELECT count(*) FROM marts.households h ANTI JOIN golden.customers g USING (entity_id))
        AS unknown_household_members,
    (SELECT count(*) FROM (
        SELECT household_id FROM marts.households GROUP BY household_id
        HAVING count(*) < 2 OR min(members) <> count(*) OR max(members) <> count(*)
            OR count(*) > (SELECT value::BIGINT FROM marts.settings
                           WHERE setting = 'households.members_maximum')
    )) AS malformed_households,
    (SELECT count(*) FROM (SELECT DISTINCT entity_id FROM known_facts) f
        ANTI JOIN golden.customers g USING (entity_id)) AS unknown_entities_in_facts,
    (SELECT count(*) FROM golden.customers g SEMI JOIN merged_away m USING (entity_id))
        AS merged_ids_alive,
    (SELECT count(*) FROM golden.customers g ANTI JOIN issued i USING (entity_id))
        AS ids_never_issued,
    -- An id that was retired may come back; one that lives or was erased may not.
    (SELECT count(*) FROM (
        SELECT kind, lag(kind) OVER (PARTITION BY entity_id ORDER BY "sequence") AS before
        FROM identity.events WHERE kind IN ('created', 'retired', 'erased')
    ) WHERE kind = 'created' AND before <> 'retired') AS ids_issued_twice,
    -- A redirect ends at a customer, at one that was retired since, or at the next redirect.
    (SELECT count(*) FROM merged_away m
        WHERE heir NOT IN (SELECT entity_id FROM golden.customers)
        AND heir NOT IN (SELECT entity_id FROM merged_away)
        AND heir NOT IN (
            SELECT entity_id FROM identity.events WHERE kind IN ('retired', 'erased')
        )) AS broken_redirects
FROM totals

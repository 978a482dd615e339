-- Figures about the records that are matched. One row.
WITH
rows_landed AS (SELECT count(*) AS n FROM landed_rows),
homeless AS (
    SELECT count(*) AS n
    FROM landed_rows l ANTI JOIN members m USING (source, source_record_id)
),
unknown AS (
    SELECT count(*) AS n
    FROM members m ANTI JOIN landed_rows l USING (source, source_record_id)
),
doubled AS (
    SELECT count(*) AS n
    FROM (
        SELECT source, source_record_id FROM members
        GROUP BY ALL HAVING count(*) > 1
    )
),
observed AS (
    SELECT record_id, attribute, value IS NOT NULL AS valid, written IS NOT NULL AS given
    FROM "values"
),
readable AS (
    SELECT
        avg(valid::INT) FILTER (attribute = 'email') AS email,
        avg(valid::INT) FILTER (attribute = 'phone') AS phone,
        avg(valid::INT) FILTER (attribute = 'date_of_birth') AS date_of_birth,
        count(*) FILTER (attribute = 'email') AS emails,
        count(*) FILTER (attribute = 'phone') AS phones,
        count(*) FILTER (attribute = 'date_of_birth') AS dates_of_birth
    FROM observed WHERE given
),
named AS (SELECT count(DISTINCT record_id) AS n FROM observed WHERE valid)
SELECT
    (SELECT count(*) FROM records) AS records,
    (SELECT count(*) - count(DISTINCT record_id) FROM records) AS duplicate_records,
    (SELECT n FROM rows_landed) AS rows,
    (SELECT n FROM homeless) AS rows_without_record,
    (SELECT n FROM unknown) AS members_without_row,
    (SELECT n FROM doubled) AS rows_in_two_records,
    (SELECT count(*) FROM members m ANTI JOIN records r USING (record_id)) AS members_without_record,
    (SELECT n FROM named) / nullif((SELECT count(*) FROM records), 0) AS records_with_values_share,
    -- Shares of fewer than 100 values say little.
    (SELECT CASE WHEN emails >= 100 THEN email END FROM readable) AS readable_email_share,
    (SELECT CASE WHEN phones >= 100 THEN phone END FROM readable) AS readable_phone_share,
    (SELECT CASE WHEN dates_of_birth >= 100 THEN date_of_birth END FROM readable)
        AS readable_date_of_birth_share

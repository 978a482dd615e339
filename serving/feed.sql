-- What one release changed, in the order in which the feed gives it: changes of identity by
-- sequence, then customers whose values changed without one. `place` sorts as a text does.
-- Parameters: $number and $release of the release. Catalogues: ledger, golden_log.
CREATE TEMP TABLE steps AS
WITH
told AS (
    SELECT * FROM ledger.events WHERE release = $release
),
ended AS (
    SELECT other_entity_id AS entity_id FROM told WHERE kind = 'merged'
    UNION
    SELECT entity_id FROM told WHERE kind IN ('retired', 'erased')
),
-- the one event of a customer that its values go with
bearers AS (
    SELECT entity_id, min(sequence) AS sequence
    FROM told WHERE kind IN ('created', 'changed') GROUP BY entity_id
),
altered AS (
    SELECT DISTINCT entity_id FROM golden_log.changes WHERE number = $number
)
SELECT
    '0' || printf('%015d', told.sequence) AS place,
    told.kind, told.entity_id, told.other_entity_id, told.cause,
    bearers.entity_id IS NOT NULL AS bears
FROM told
LEFT JOIN bearers ON bearers.sequence = told.sequence
UNION ALL
SELECT '1' || entity_id, 'changed', entity_id, NULL, NULL, true
FROM altered
WHERE entity_id NOT IN (SELECT entity_id FROM ended)
AND entity_id NOT IN (SELECT entity_id FROM bearers)

-- work.households: the rows of marts.households.
--
-- Nobody is merged, and nobody is reached through a third person: the core of a household are
-- those who share a dwelling and a surname, or else the bearers of one phone, and whoever else
-- belongs to it shares a phone with one of its core.

-- A dormitory, an office or a postbox service is nobody's home: too many customers give it.
CREATE OR REPLACE TABLE work.dwellings AS
SELECT home_key
FROM golden.customers
WHERE home_key IS NOT NULL
GROUP BY home_key
HAVING count(*) BETWEEN 2 AND (SELECT household_members_maximum FROM work.settings);

-- A hotline, or a number that was made up, is nobody's own: it has too many bearers.
CREATE OR REPLACE TABLE work.bearers AS
WITH lines AS (
    SELECT value
    FROM golden.contact_points
    WHERE kind = 'phone'
    GROUP BY value
    HAVING count(*) BETWEEN 2 AND (SELECT household_bearers_maximum FROM work.settings)
)
SELECT value, entity_id
FROM golden.contact_points
SEMI JOIN lines USING (value)
WHERE kind = 'phone';

-- Whoever may be in a household. A surname is compared in plain letters: Han by the pinyin of the
-- name's Latin form, which has the surname first, but last for a name of two scripts (David 张).
CREATE OR REPLACE TABLE work.residents AS
WITH concerned AS (
    SELECT entity_id FROM golden.customers SEMI JOIN work.dwellings USING (home_key)
    UNION
    SELECT entity_id FROM work.bearers
),
spelt AS (
    SELECT entity_id, home_key, first_seen_at, last_seen_at,
           CASE
               WHEN family_name IS NULL OR NOT regexp_matches(family_name, '\p{Han}')
                   THEN family_name
               WHEN regexp_full_match(full_name, '\p{Han}+') THEN split_part(name_latin, ' ', 1)
               ELSE split_part(name_latin, ' ', -1)
           END AS surname
    FROM golden.customers
    SEMI JOIN concerned USING (entity_id)
    WHERE full_name IS NOT NULL
)
SELECT * REPLACE (nullif(replace(regexp_replace(
    strip_accents(replace(lower(surname), 'ü', 'v')), '[^\p{L}]', '', 'g'), 'lyu', 'lv'), '')
    AS surname)
FROM spelt;

CREATE OR REPLACE TABLE work.homes AS
WITH families AS (
    SELECT home_key, surname
    FROM work.residents
    SEMI JOIN work.dwellings USING (home_key)
    WHERE surname IS NOT NULL
    GROUP BY home_key, surname
    HAVING count(*) > 1
)
SELECT entity_id, home_key, surname
FROM work.residents
SEMI JOIN families USING (home_key, surname);

-- Who shares a phone, each pair in both directions. A number that was given to somebody else has
-- bearers who differ in both surname and dwelling.
CREATE OR REPLACE TABLE work.shared_phones AS
WITH named AS (SELECT b.value, r.* FROM work.bearers b JOIN work.residents r USING (entity_id))
SELECT DISTINCT a.entity_id, b.entity_id AS other
FROM named a
JOIN named b ON a.value = b.value AND a.entity_id <> b.entity_id
WHERE coalesce(a.surname = b.surname, true) OR coalesce(a.home_key = b.home_key, true);

-- The older identity is the one issued first; the oldest of a core names it.
CREATE OR REPLACE TABLE work.neighbours AS
WITH concerned AS (
    SELECT entity_id FROM work.homes UNION SELECT entity_id FROM work.shared_phones
),
issued AS (
    SELECT entity_id, min("sequence") AS "sequence"
    FROM identity.events
    SEMI JOIN concerned USING (entity_id)
    WHERE kind = 'created'
    GROUP BY entity_id
),
ranked AS (
    SELECT c.entity_id, h.home_key, h.surname,
           row_number() OVER (ORDER BY i."sequence" NULLS LAST, c.entity_id) AS seniority
    FROM concerned c
    LEFT JOIN work.homes h USING (entity_id)
    LEFT JOIN issued i USING (entity_id)
)
SELECT entity_id, seniority, home_key IS NOT NULL AS at_home,
       CASE WHEN at_home THEN min(seniority) OVER (PARTITION BY home_key, surname) END AS core
FROM ranked;

CREATE OR REPLACE TABLE work.household_members AS
WITH at_home AS (SELECT entity_id, seniority, core FROM work.neighbours WHERE at_home),
-- Of several homes: that of most people who share a phone, among equals the older one.
called AS (
    SELECT n.entity_id, n.seniority, o.core, count(*) AS people
    FROM work.neighbours n
    JOIN work.shared_phones p USING (entity_id)
    JOIN work.neighbours o ON o.entity_id = p.other AND o.at_home
    WHERE NOT n.at_home
    GROUP BY ALL
),
visiting AS (
    SELECT entity_id, seniority, arg_min(core, (-people, core)) AS core
    FROM called
    GROUP BY ALL
),
elsewhere AS (
    SELECT entity_id, seniority FROM work.neighbours
    ANTI JOIN at_home USING (entity_id) ANTI JOIN visiting USING (entity_id)
),
phoned AS (
    SELECT e.entity_id, e.seniority, o.seniority AS other
    FROM elsewhere e
    JOIN work.shared_phones p USING (entity_id)
    JOIN elsewhere o ON o.entity_id = p.other
),
-- Without a home, the oldest among those who share a phone with them is the core of one.
heads AS (
    SELECT entity_id, seniority FROM phoned GROUP BY ALL HAVING seniority < min(other)
),
joined AS (
    SELECT p.entity_id, min(p.other) AS core
    FROM phoned p
    ANTI JOIN heads h ON h.entity_id = p.entity_id
    SEMI JOIN heads h ON h.seniority = p.other
    GROUP BY p.entity_id
),
listed AS (
    SELECT entity_id, seniority, core, true AS lives_there FROM at_home
    UNION ALL SELECT entity_id, seniority, core, false FROM visiting
    UNION ALL SELECT entity_id, seniority, seniority, false FROM heads
    UNION ALL
    SELECT entity_id, e.seniority, j.core, false FROM joined j JOIN elsewhere e USING (entity_id)
)
-- Who makes a household too large is left out of it: those who only share a phone.
SELECT l.*
FROM listed l
CROSS JOIN work.settings s
QUALIFY lives_there OR count(*) OVER (PARTITION BY core) <= s.household_members_maximum;

CREATE OR REPLACE TABLE work.households AS
WITH phoning AS (
    SELECT DISTINCT m.entity_id
    FROM work.household_members m
    JOIN work.shared_phones p USING (entity_id)
    JOIN work.household_members o ON o.entity_id = p.other AND o.core = m.core
),
named AS (
    SELECT core, concat('H-', substr(arg_min(entity_id, seniority), 3)) AS household_id,
           count(*) AS members, min(first_seen_at) AS first_seen_at, max(last_seen_at) AS last_seen_at
    FROM work.household_members
    JOIN work.residents USING (entity_id)
    GROUP BY core
    HAVING count(*) > 1
)
SELECT
    n.household_id,
    m.entity_id,
    m.seniority,
    CASE WHEN p.entity_id IS NULL THEN 'address_and_surname'
         WHEN m.lives_there THEN 'both' ELSE 'phone' END AS shares,
    n.members,
    n.first_seen_at,
    n.last_seen_at
FROM work.household_members m
JOIN named n USING (core)
LEFT JOIN phoning p USING (entity_id);

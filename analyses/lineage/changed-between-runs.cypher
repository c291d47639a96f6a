// title: what changed between two runs of dbt: code, rows, status
// parameter before: invocation id of the earlier run; empty for the last but one (default "")
// parameter after: invocation id of the later run; empty for the last one (default "")
MATCH (r:Run)-[:BUILT]->(:DbtModel)
WITH DISTINCT r
ORDER BY r.started_at DESC
WITH collect(r.key) AS runs
WITH CASE WHEN $before = '' THEN runs[1] ELSE $before END AS before,
    CASE WHEN $after = '' THEN runs[0] ELSE $after END AS after
MATCH (m:DbtModel)
OPTIONAL MATCH (:Run {key: before})-[old:BUILT]->(m)
OPTIONAL MATCH (:Run {key: after})-[new:BUILT]->(m)
WITH before, after, m, old, new,
    CASE
        WHEN old IS NULL AND new IS NULL THEN null
        WHEN old IS NULL THEN 'built for the first time'
        WHEN new IS NULL THEN 'not built any more'
        WHEN old.checksum <> new.checksum THEN 'other code'
        WHEN old.status <> new.status THEN 'other status'
        WHEN old.rows <> new.rows THEN 'other number of rows'
    END AS change
WHERE change IS NOT NULL
RETURN m.name AS model, change, old.checksum AS checksum_before, new.checksum AS checksum_after,
    old.rows AS rows_before, new.rows AS rows_after, old.status AS status_before,
    new.status AS status_after, before, after
ORDER BY change, model

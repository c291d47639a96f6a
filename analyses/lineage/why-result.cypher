// title: why a result came back: from the answer to the row, its text and its source file
// parameter inference: an inference's id, the beginning of it, or last (default "last")
// parameter rank: of the result; 0 for all of them (default 0)
MATCH (i:Inference)
WHERE i.timestamp IS NOT NULL AND ($inference = 'last' OR i.key STARTS WITH $inference)
WITH i ORDER BY i.timestamp DESC LIMIT 1
MATCH (i)-[:RESULTED_IN]->(:Decision)-[:RETURNED]->(r:Result)
WHERE $rank = 0 OR r.rank = $rank
OPTIONAL MATCH (i)-[:USED_MODEL]->(m:Model)
OPTIONAL MATCH (m)-[:DERIVED_FROM]->(mf:SourceFile)
WITH i, r, collect(DISTINCT m.name) AS models, collect(DISTINCT mf.name) AS model_files
OPTIONAL MATCH (i)-[:USED_REASONING]->(mode:ReasoningMode)
OPTIONAL MATCH (i)-[:CALLED]->(called:Callable)
OPTIONAL MATCH (i)-[:SERVED_BY]->(run:Run)
OPTIONAL MATCH (r)-[:FOUND]->(e:Embedding)
OPTIONAL MATCH (e)-[:IN_CELL]->(c:Cell)
OPTIONAL MATCH (e)-[:EMBEDS]->(of_row:Text)
OPTIONAL MATCH (r)-[:FOUND]->(found:Text)
WITH i, r, models, model_files, mode, called, run, e, c, coalesce(of_row, found) AS t
OPTIONAL MATCH (t)-[:PART_OF]->(ds:Dataset)
OPTIONAL MATCH (ds)-[:DERIVED_FROM]->(f:SourceFile)
WITH i, r, models, model_files, mode, called, run, e, c, t, ds, collect(DISTINCT f.key) AS files
RETURN i.inference_id AS inference, r.rank AS rank, r.distance AS distance,
    r.confidence AS confidence, coalesce(t.text, r.text) AS text, e.key AS embedding,
    c.key AS cell, ds.name AS dataset, files, models, model_files, mode.type AS reasoning,
    called.name AS callable, run.invocation_id AS run
ORDER BY rank

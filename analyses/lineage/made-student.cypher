// title: which parent, layers, rows, data, code and run made a student
// parameter student: its name; empty for every student (default "")
MATCH (s:Student)
WHERE $student = '' OR s.name = $student
OPTIONAL MATCH (s)-[:DERIVED_FROM]->(m:Model)
OPTIONAL MATCH (m)-[:DERIVED_FROM]->(mf:SourceFile)
WITH s, collect(DISTINCT m.key) AS parents, collect(DISTINCT mf.key) AS parent_files
OPTIONAL MATCH (s)-[part:DERIVED_FROM]->(l:Layer)
WITH s, parents, parent_files, l, part ORDER BY part.as_layer
WITH s, parents, parent_files, collect(l.layer) AS layers
OPTIONAL MATCH (s)-[kept:DERIVED_FROM]->(t:Tensor)
WITH s, parents, parent_files, layers, count(t) AS tensors, sum(kept.kept_rows) AS kept_rows,
    sum(kept.of_rows) AS of_rows
OPTIONAL MATCH (s)-[:CALIBRATED_ON]->(ds:Dataset)
OPTIONAL MATCH (ds)-[:DERIVED_FROM]->(f:SourceFile)
WITH s, parents, parent_files, layers, tensors, kept_rows, of_rows,
    collect(DISTINCT ds.name) AS calibrated_on, collect(DISTINCT f.key) AS calibration_files
OPTIONAL MATCH (s)-[:GENERATED_BY]->(code:DbtModel)
OPTIONAL MATCH (run:Run)-[:BUILT]->(code)
WITH s, parents, parent_files, layers, tensors, kept_rows, of_rows, calibrated_on,
    calibration_files, code, run ORDER BY run.started_at DESC
RETURN s.name AS student, parents, parent_files, layers, s.threshold AS threshold,
    s.score AS score, tensors, kept_rows, of_rows, calibrated_on, calibration_files,
    code.unique_id AS code, code.checksum AS checksum,
    collect(run.invocation_id)[0] AS last_run
ORDER BY student

// title: everything that came of a source file, counted by kind, with examples
// parameter file: its name, or the beginning of its sha256
MATCH (f:SourceFile)
WHERE f.name = $file OR f.key = $file OR f.sha256 STARTS WITH $file
MATCH (f)<-[:DERIVED_FROM|PART_OF|EMBEDS|FOUND|USED_MODEL|USED_STUDENT*1..4]-(x)
WITH DISTINCT f, x
RETURN f.key AS file, labels(x)[0] AS kind, count(*) AS number,
    collect(coalesce(x.name, x.key))[0..5] AS examples
UNION
MATCH (f:SourceFile)<-[:DERIVED_FROM]-(:Dataset)<-[:PART_OF]-(:Text)<-[:EMBEDS]-(:Embedding)
    <-[:FOUND]-(:Result)<-[:RETURNED]-(:Decision)<-[:RESULTED_IN]-(i:Inference)
WHERE f.name = $file OR f.key = $file OR f.sha256 STARTS WITH $file
WITH DISTINCT f, i
RETURN f.key AS file, 'Inference that returned its texts' AS kind, count(*) AS number,
    collect(i.key)[0..5] AS examples
UNION
MATCH (f:SourceFile)
WHERE f.name = $file OR f.key = $file OR f.sha256 STARTS WITH $file
MATCH (x:DbtModel)
MATCH p = shortestPath((x)-[:DEPENDS_ON|DERIVED_FROM*1..20]->(f))
RETURN f.key AS file, 'DbtModel' AS kind, count(*) AS number, collect(x.name)[0..5] AS examples
UNION
MATCH (f:SourceFile)
WHERE f.name = $file OR f.key = $file OR f.sha256 STARTS WITH $file
MATCH (x:Callable)
MATCH p = shortestPath((x)-[:GENERATED_BY|DEPENDS_ON|DERIVED_FROM*1..20]->(f))
RETURN f.key AS file, 'Callable' AS kind, count(*) AS number, collect(x.name)[0..5] AS examples
UNION
MATCH (f:SourceFile)
WHERE f.name = $file OR f.key = $file OR f.sha256 STARTS WITH $file
MATCH (x:Exposure)
MATCH p = shortestPath((x)-[:DEPENDS_ON|DERIVED_FROM*1..20]->(f))
RETURN f.key AS file, 'Exposure' AS kind, count(*) AS number, collect(x.name)[0..5] AS examples

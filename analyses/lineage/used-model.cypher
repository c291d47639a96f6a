// title: inferences that used a model, newest first
// parameter model: the model's landed name
// parameter most: how many rows, at most (default 100)
MATCH (i:Inference)-[:USED_MODEL]->(m:Model {name: $model})
RETURN i.timestamp AS timestamp, i.inference_id AS inference, i.task_type AS task_type,
    i.duration_ms AS duration_ms, m.model_id AS model_id
ORDER BY timestamp DESC
LIMIT $most

// title: inferences that used the model BERT-base, newest first
MATCH (i:Inference)-[:USED_MODEL]->(m:Model {name: 'BERT-base'}) RETURN i.timestamp, i.task_type, i.duration_ms ORDER BY i.timestamp DESC LIMIT 100;

// title: answers by a model that was landed again later, newest first
// parameter most: how many rows, at most (default 100)
MATCH (newer:Model)-[:REPLACED]->(used:Model)<-[:USED_MODEL]-(i:Inference)
RETURN i.timestamp AS timestamp, i.inference_id AS inference, i.task_type AS task_type,
    used.key AS used, collect(newer.key) AS replaced_by
ORDER BY timestamp DESC
LIMIT $most

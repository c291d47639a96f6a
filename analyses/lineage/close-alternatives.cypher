// title: alternatives that lost by a hair: their distance beyond the last result's
// parameter within: the greatest distance beyond it (default 0.01)
// parameter most: how many rows, at most (default 100)
MATCH (i:Inference)-[:CONSIDERED]->(a:Alternative)
WHERE a.behind <= $within
RETURN i.inference_id AS inference, i.query_text AS query, a.rank AS rank, a.text AS text,
    a.distance AS distance, a.behind AS behind
ORDER BY behind, inference
LIMIT $most

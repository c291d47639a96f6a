// title: average confidence a day over the last 30 days
MATCH (i:Inference) WHERE i.timestamp > datetime() - duration({days: 30})
RETURN date(i.timestamp) as day, avg(i.confidence) as avg_confidence, count(*) as num_inferences ORDER BY day;

// title: answers of confidence below 0.5 by reasoning mode
MATCH (i:Inference)-[:RESULTED_IN]->(d:Decision) WHERE d.confidence < 0.5 MATCH (i)-[:USED_REASONING]->(rm:ReasoningMode)
RETURN rm.type, count(*) as low_conf_count ORDER BY low_conf_count DESC;

{#
  Fails where the served setting finds less than target_recall on the queries that had no part in
  choosing it, by more than two standard errors, which the number of queries explains.
#}
{% test served_recall_meets_target(model) %}
select path, probes, candidates, recall, target_recall
from {{ model }}
where recall is null
    or recall < target_recall - 2 * sqrt(target_recall * (1 - target_recall) / nullif(10 * queries, 0)) - 2 * standard_error
{% endtest %}

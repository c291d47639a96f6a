{#
  A student keeps of each matrix at most the share of rows that lies above its threshold: of n rows,
  (1 - threshold) * n + 1, whatever the ties. Fails on the tensors that keep more.
#}
{% test keeps_at_most_its_threshold(model) %}
select counted.tensor_name, counted.kept_rows, counted.row_count
from (
    select
        tensor_name,
        importance_threshold,
        count(*) as row_count,
        sum(case when {{ hartonomous.is_true('is_kept') }} then 1 else 0 end) as kept_rows
    from {{ model }}
    where weight_type not in ('NORM', 'BIAS', 'EMBEDDING', 'HEAD')
    group by tensor_name, importance_threshold
) as counted
where counted.kept_rows > (1 - counted.importance_threshold) * counted.row_count + 1
{% endtest %}

{#
  layer_norm on SQL Server, from a #table (row_id, dimension, value): SELECT (row_id, dimension,
  normed). In double: sums of REAL are FLOAT in T-SQL.
#}
{% macro sqlserver_layer_norm(input, epsilon) -%}
select
    centered.row_id,
    centered.dimension,
    centered.deviation / sqrt(avg(centered.deviation * centered.deviation) over (partition by centered.row_id) + {{ epsilon }}) as normed
from (
    select
        given.row_id,
        given.dimension,
        given.value - avg(cast(given.value as float)) over (partition by given.row_id) as deviation
    from {{ input }} as given
) as centered
{%- endmacro %}

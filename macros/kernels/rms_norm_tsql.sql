{#
  rms_norm on SQL Server, from a #table (row_id, dimension, value): SELECT (row_id, dimension, normed).
#}
{% macro sqlserver_rms_norm(input, epsilon) -%}
select
    given.row_id,
    given.dimension,
    given.value / sqrt(avg(square(given.value)) over (partition by given.row_id) + {{ epsilon }}) as normed
from {{ input }} as given
{%- endmacro %}

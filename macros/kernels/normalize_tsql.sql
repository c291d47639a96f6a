{#
  normalize on SQL Server: the model's norm with gain and bias, for every token of a #table (row_id,
  dimension, value). SELECT (row_id, dimension, value).

  place, layer: which norm (model inference_norms); `layer` is an expression.
  The norms themselves: layer_norm_tsql.sql, rms_norm_tsql.sql.
#}
{% macro sqlserver_normalize(settings, weights, input, place, layer) -%}
select
    token.row_id,
    token.dimension,
    token.normed * norm.gain + norm.bias as value
from (
    {% if settings.norm == 'rms_norm' -%}
    {{ hartonomous.sqlserver_rms_norm(input, settings.norm_epsilon) | indent(4) }}
    {%- else -%}
    {{ hartonomous.sqlserver_layer_norm(input, settings.norm_epsilon) | indent(4) }}
    {%- endif %}
) as token
inner join {{ weights.norms }} as norm
    on norm.place = '{{ place }}' and norm.layer = {{ layer }} and norm.dimension = token.dimension
{%- endmacro %}

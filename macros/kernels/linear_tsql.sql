{#
  linear on SQL Server: y = W x + b, for every token.

    input     #table (row_id, chunk_index, vector)
    weights   table (layer, output_index, chunk_index, vector, bias), and where gated gate_vector,
              gate_bias; `layer` is an expression
    residual  #table (row_id, dimension, value) that is added
    returns   SELECT (row_id, dimension, value), dimension being the output_index

  A chunk's product is VECTOR_DISTANCE('dot', w, x), which is NEGATIVE; the chunks' are summed. The
  clustered key of the weights starts with the layer, so that each layer is one range.
  https://learn.microsoft.com/sql/t-sql/functions/vector-distance-transact-sql
#}
{% macro sqlserver_linear(input, weights, layer, activation=none, is_gated=false, residual=none) -%}
select
    product.row_id,
    product.dimension,
    {%- if is_gated %}
    {{ hartonomous.sqlserver_activation(activation, 'product.gate', 'polynomial.argument') | indent(4) }} * product.value as value
    {%- elif activation %}
    {{ hartonomous.sqlserver_activation(activation, 'product.value', 'polynomial.argument') | indent(4) }} as value
    {%- elif residual %}
    product.value + skipped.value as value
    {%- else %}
    product.value
    {%- endif %}
from (
    select
        token.row_id,
        neuron.output_index as dimension,
        {%- if is_gated %}
        max(neuron.gate_bias) - sum(vector_distance('dot', neuron.gate_vector, token.vector)) as gate,
        {%- endif %}
        max(neuron.bias) - sum(vector_distance('dot', neuron.vector, token.vector)) as value
    from {{ input }} as token
    inner join {{ weights }} as neuron
        on neuron.layer = {{ layer }} and neuron.chunk_index = token.chunk_index
    group by token.row_id, neuron.output_index
) as product
{%- if activation == 'gelu' %}
cross apply (select {{ hartonomous.gelu_argument('product.gate' if is_gated else 'product.value') }} as argument) as polynomial
{%- endif %}
{%- if residual %}
inner join {{ residual }} as skipped
    on skipped.row_id = product.row_id and skipped.dimension = product.dimension
{%- endif %}
{%- endmacro %}

{#
  query_model_weights(model, layer, weight_type): the weight rows of one layer and kind, most
  important first. `model` is a name or an id; weight_type one of Q, K, V, O, UP, GATE, DOWN, NORM,
  BIAS. One call serves every model, students included.
#}
{% macro query_model_weights() %}
    {{ hartonomous.callable('sp_QueryModelWeights', [
        {'name': 'model', 'type': 'key', 'procedure_name': 'model_id'},
        {'name': 'layer', 'type': 'int', 'procedure_name': 'layer_idx'},
        {'name': 'weight_type', 'type': 'key', 'default': 'Q'},
    ]) }}
select
    weight_row.model_name,
    weight_row.layer,
    weight_row.weight_type,
    weight_row.tensor_name,
    weight_row.head,
    weight_row.row_index,
    weight_row.chunk_index,
    weight_row.l2_norm,
    weight_row.importance,
    weight_row.vector
from {{ ref('weight_rows') }} as weight_row
where (weight_row.model_name = {{ hartonomous.param('model') }} or weight_row.model_id = {{ hartonomous.param('model') }})
    and weight_row.layer = {{ hartonomous.param('layer') }}
    and weight_row.weight_type = {{ hartonomous.param('weight_type') }}
order by weight_row.importance desc, weight_row.tensor_name asc, weight_row.row_index asc, weight_row.chunk_index asc
{% endmacro %}

{#
  student(layers, importance_threshold, parent): a student model is a SELECT over its parent: a
  subset of the layers, renumbered from 0, and in their matrices the rows whose importance is above
  the threshold; the others read as zero, so shapes stay. Norms, biases, embeddings and the head
  (the output embedding) are kept whole.

  The student owns no weights: its rows refer to the parent's tensors. It is registered as a model
  of its own by being listed in the var `students`; models, tensors and weight_rows then hold it
  like any landed model.

  layers: parent layer numbers (0-based); importance_threshold: 0 to 1; parent: a landed model's
  name, else the default model.
#}
{% macro student(layers, importance_threshold, parent=none) %}
    {{ config(
        materialized='table',
        tags=['student'],
        indexes=hartonomous.table_indexes(['tensor_id', 'row_index'], unique=false),
        pre_hook="{{ hartonomous.resolve_contract_types() }}",
    ) }}
    {%- if layers | length == 0 or layers | select('lt', 0) | list | length > 0 or layers | unique | list | length < layers | length -%}
        {% do exceptions.raise_compiler_error('student ' ~ model.name ~ ': layers must be distinct numbers from 0; it got ' ~ layers) %}
    {%- endif -%}
    {%- if not (importance_threshold is number and 0 <= importance_threshold <= 1) -%}
        {% do exceptions.raise_compiler_error('student ' ~ model.name ~ ': importance_threshold must be from 0 to 1; it got ' ~ importance_threshold) %}
    {%- endif -%}
    {%- set definition = layers | join(',') ~ '|' ~ importance_threshold -%}
select
    {{ hartonomous.sha256_hex(hartonomous.text_concat(['parent.model_id', hartonomous.text_literal('|' ~ definition)])) }} as model_id,
    {{ hartonomous.text_literal(model.name) }} as name,
    parent.model_id as parent_model_id,
    tensor.tensor_id,
    {{ hartonomous.student_tensor_name(layers) | indent(4) }} as tensor_name,
    tensor.tensor_name as parent_tensor_name,
    tensor.role,
    tensor.weight_type,
    case tensor.layer
        {%- for layer in layers | sort %}
        when {{ layer }} then {{ loop.index0 }}
        {%- endfor %}
    end as layer,
    tensor.layer as parent_layer,
    tensor.width,
    score.row_index,
    score.importance,
    {{ hartonomous.bool_value(
        "tensor.weight_type in ('NORM', 'BIAS', 'EMBEDDING', 'HEAD') or score.importance > " ~ importance_threshold
    ) }} as is_kept,
    cast({{ importance_threshold }} as {{ hartonomous.sql_type('double') }}) as importance_threshold
from {{ ref('stg_models') }} as parent
inner join {{ ref('stg_tensors') }} as tensor
    on tensor.model_id = parent.model_id
inner join {{ ref('weight_row_scores') }} as score
    on score.tensor_id = tensor.tensor_id
where parent.name = {{ hartonomous.text_literal(hartonomous.model_name(parent)) }}
    and (tensor.layer is null or tensor.layer in {{ hartonomous.list_of_ints(layers) }})
{% endmacro %}

{# The parent's tensor name with the layer's new number: encoder.layer.4.x -> encoder.layer.2.x #}
{% macro student_tensor_name(layers) -%}
    case tensor.layer
    {%- for layer in layers | sort %}
        when {{ layer }} then replace(tensor.tensor_name, '.{{ layer }}.', '.{{ loop.index0 }}.')
    {%- endfor %}
        else tensor.tensor_name
    end
{%- endmacro %}

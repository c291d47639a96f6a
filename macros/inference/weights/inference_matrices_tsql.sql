{#
  The weight tables of inference_matrices.sql on SQL Server: (layer, output_index, chunk_index, vector,
  bias), a row a chunk of VECTOR(512) as it was landed, the last one padded with zeros; where gated
  also gate_vector and gate_bias. A bias stands in every chunk of its row.

  Norms are not folded in: vectors cannot be multiplied dimension by dimension, and the exact text of
  every weight would have to be taken apart. They stand in inference_norms.
#}
{% macro sqlserver__inference_attention_inputs(settings) -%}
{%- set queries = settings.heads * settings.head_size -%}
{%- set keys = settings.key_value_heads * settings.head_size -%}
{{ hartonomous.sqlserver_matrix(
    settings, {'attention_query': 0, 'attention_key': queries, 'attention_value': queries + keys},
    [queries, keys] | max
) }}
{%- endmacro %}

{% macro sqlserver__inference_attention_outputs(settings) -%}
{{ hartonomous.sqlserver_matrix(settings, {'attention_output': 0}, settings.hidden_size) }}
{%- endmacro %}

{% macro sqlserver__inference_feed_forward_inputs(settings) -%}
{{ hartonomous.sqlserver_matrix(
    settings, {'feed_forward_up': 0}, settings.feed_forward_size,
    'feed_forward_gate' if settings.is_gated else none
) }}
{%- endmacro %}

{% macro sqlserver__inference_feed_forward_outputs(settings) -%}
{{ hartonomous.sqlserver_matrix(settings, {'feed_forward_down': 0}, settings.hidden_size) }}
{%- endmacro %}

{# A model without a head has no tensor in a role of this name, and so no row. #}
{% macro sqlserver__inference_heads(settings) -%}
{{ hartonomous.sqlserver_matrix(settings, {'head' if settings.has_head else 'no_head': 0}, settings.vocabulary_size) }}
{%- endmacro %}

{# roles: role -> its first output_index; rows: output neurons of the largest of them. #}
{% macro sqlserver_matrix(settings, roles, rows, gate=none) -%}
{{ config(indexes=hartonomous.table_indexes(['layer', 'output_index', 'chunk_index'])) }}
select
    coalesce(weight.layer, 0) as layer,
    case weight.role
        {%- for role, first in roles.items() %}
        when {{ hartonomous.text_literal(role) }} then weight.row_index + {{ first }}
        {%- endfor %}
    end as output_index,
    weight.chunk_index,
    weight.vector,
    {%- if gate %}
    gate.vector as gate_vector,
    cast(coalesce(gate_bias.value, 0) as real) as gate_bias,
    {%- endif %}
    cast(coalesce(bias.value, 0) as real) as bias
from {{ hartonomous.role_rows(settings, roles | list) | indent(4) }} as weight
left join {{ hartonomous.sqlserver_role_numbers(settings, hartonomous.with_ending(roles, '_bias'), rows) | indent(4) }} as bias
    on coalesce(bias.layer, 0) = coalesce(weight.layer, 0)
    and bias.role = concat(weight.role, '_bias')
    and bias.dimension = weight.row_index
{%- if gate %}
inner join {{ hartonomous.role_rows(settings, [gate]) | indent(4) }} as gate
    on gate.layer = weight.layer and gate.row_index = weight.row_index and gate.chunk_index = weight.chunk_index
left join {{ hartonomous.sqlserver_role_numbers(settings, [gate ~ '_bias'], rows) | indent(4) }} as gate_bias
    on gate_bias.layer = weight.layer and gate_bias.dimension = weight.row_index
{%- endif %}
{%- endmacro %}

{#
  layer_ctes on SQL Server: the statements of ONE layer, number @this_layer, from #hidden (row_id,
  dimension, value) to #hidden, for the tokens of #sequence. The procedures run it in a WHILE.

  Norms are not folded into the matrices here, so that #hidden is what transformers calls
  hidden_states: after a post-norm model's norm, before a pre-norm model's.

  sqlserver_layer_tables(settings)                  the #temp tables of all layers
  sqlserver_layer(settings, weights, cache, stop)   cache: see attention_tsql.sql; stop: a statement
                                                    that stands after the attention's weights
#}
{% macro sqlserver_layer_tables(settings) -%}
{%- for table in ['#hidden', '#outputs', '#attention_output'] %}
{{ hartonomous.sqlserver_create_numbers(table) }}
{%- endfor %}
{{ hartonomous.sqlserver_create_chunks('#inputs') }}
{{ hartonomous.sqlserver_attention_tables(settings) }}
{%- endmacro %}

{% macro sqlserver_layer(settings, weights, cache=none, stop=none) -%}
{%- set pre = settings.is_pre_norm -%}
{%- set attended = hartonomous.sqlserver_linear('#inputs', weights.attention_outputs, '@this_layer', residual='#hidden') -%}
{%- set fed = hartonomous.sqlserver_linear('#inputs', weights.feed_forward_outputs, '@this_layer', residual='#attention_output') -%}
-- layer @this_layer: queries, keys and values of every head
{% if pre -%}
{{ hartonomous.sqlserver_fill_chunks('#inputs', hartonomous.sqlserver_normed(settings, weights, '#hidden', 'attention_input', '@this_layer')) }}
{%- else -%}
{{ hartonomous.sqlserver_fill_chunks('#inputs', '#hidden') }}
{%- endif %}

{{ hartonomous.sqlserver_fill_numbers('#outputs', hartonomous.sqlserver_linear(
    '#inputs', weights.attention_inputs, '@this_layer'
)) }}

-- attention
{{ hartonomous.sqlserver_attention_weights(settings, weights, cache) | trim }}
{%- if stop %}
{{ stop }}
{%- endif %}

{{ hartonomous.sqlserver_attention_context(settings, cache) }}

-- its projection, added to what went in
{{ hartonomous.sqlserver_fill_chunks('#inputs', '#outputs') }}

{% if pre -%}
{{ hartonomous.sqlserver_fill_numbers('#attention_output', attended) }}
{%- else -%}
{{ hartonomous.sqlserver_fill_numbers('#outputs', attended) }}

{{ hartonomous.sqlserver_fill_numbers('#attention_output', hartonomous.sqlserver_normalize(settings, weights, '#outputs', 'feed_forward_input', '@this_layer')) }}
{%- endif %}

-- feed-forward, added to that
{% if pre -%}
{{ hartonomous.sqlserver_fill_chunks('#inputs', hartonomous.sqlserver_normed(settings, weights, '#attention_output', 'feed_forward_input', '@this_layer')) }}
{%- else -%}
{{ hartonomous.sqlserver_fill_chunks('#inputs', '#attention_output') }}
{%- endif %}

{{ hartonomous.sqlserver_fill_numbers('#outputs', hartonomous.sqlserver_linear(
    '#inputs', weights.feed_forward_inputs, '@this_layer', activation=settings.activation, is_gated=settings.is_gated
)) }}

{{ hartonomous.sqlserver_fill_chunks('#inputs', '#outputs') }}

{% if pre -%}
{{ hartonomous.sqlserver_fill_numbers('#hidden', fed) }}
{%- else -%}
{{ hartonomous.sqlserver_fill_numbers('#outputs', fed) }}

{{ hartonomous.sqlserver_fill_numbers('#hidden', hartonomous.sqlserver_normalize(settings, weights, '#outputs', 'attention_input', '@this_layer + 1')) }}
{%- endif %}
{%- endmacro %}

{# normalize as a relation. #}
{% macro sqlserver_normed(settings, weights, input, place, layer) -%}
(
    {{ hartonomous.sqlserver_normalize(settings, weights, input, place, layer) | indent(4) }}
)
{%- endmacro %}

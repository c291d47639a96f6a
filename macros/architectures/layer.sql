{#
  layer_ctes(settings, weights, cached): ONE layer of a transformer, as CTEs from `current_tokens`
  (layer, row_id, text_id, position, hidden), all of one layer, to `layer_output` (row_id, text_id,
  position, hidden); `this_layer` holds the layer's number. One body serves every layer: the weights
  are joined by layer number, and the recursion of macros/inference/forward.sql runs it.

  Post-norm (BERT):     h = norm(x + attention(x)),  y = norm(h + feed_forward(h))
  Pre-norm (GPT-2, Llama): h = x + attention(norm(x)),  y = h + feed_forward(norm(h))

  A post-norm model's tokens are carried normalized but without the norm's gain and bias: these are
  folded into the next matrix, and come back with the residual (columns residual_gain and bias of
  the output matrices, model inference_attention_outputs).

  weights: names of the weight tables (macro inference_weights).
  cached: SELECT of (text_id, position, keys, outputs) of earlier tokens in this layer, or none.
#}
{% macro layer_ctes(settings, weights, cached=none) -%}
{%- set pre = settings.is_pre_norm -%}
this_layer as materialized (
    select any_value(current_tokens.layer) as layer
    from current_tokens
),

{{ hartonomous.query_key_value_ctes(settings, weights, cached) }},

{{ hartonomous.attention_ctes(settings, weights, cached) }},

attention_output as materialized (
    {{ hartonomous.linear(
        input='attention_context', column='outputs', weights=weights.attention_outputs,
        width=settings.heads * settings.head_size, rows=settings.hidden_size,
        residual=('current_tokens', 'hidden'), has_residual_gain=not pre,
    ) | indent(4) }}
),

feed_forward_input as materialized (
    {{ hartonomous.normalize(settings, 'attention_output', 'outputs') | indent(4) }}
),

feed_forward_inner as materialized (
    {{ hartonomous.linear(
        input='feed_forward_input', column='normed', weights=weights.feed_forward_inputs,
        width=settings.hidden_size, rows=settings.feed_forward_size,
        activation=settings.activation, is_gated=settings.is_gated,
    ) | indent(4) }}
),

{{ hartonomous.wide_linear_ctes(
    'feed_forward_output',
    input='feed_forward_inner', column='outputs', weights=weights.feed_forward_outputs,
    width=settings.feed_forward_size, rows=settings.hidden_size,
    residual=('attention_output', 'outputs') if pre else ('feed_forward_input', 'normed'),
    has_residual_gain=not pre,
) }},

layer_output as (
{%- if pre %}
    select row_id, text_id, position, outputs as hidden
    from feed_forward_output
{%- else %}
    select row_id, text_id, position, normed as hidden
    from (
        {{ hartonomous.normalize(settings, 'feed_forward_output', 'outputs') | indent(8) }}
    )
{%- endif %}
)
{%- endmacro %}

{#
  The first steps of a layer: every token's query, key and value of every head, side by side. Over
  whole texts the values are a product of their own, turned around.
#}
{% macro query_key_value_ctes(settings, weights, cached=none) -%}
{%- set pre = settings.is_pre_norm -%}
{%- set input, column = ('attention_input', 'normed') if pre else ('current_tokens', 'hidden') -%}
{%- set keys = settings.key_value_heads * settings.head_size -%}
{%- set queries_and_keys = settings.heads * settings.head_size + keys -%}
{% if pre %}
attention_input as materialized (
    {{ hartonomous.normalize(settings, 'current_tokens', 'hidden') | indent(4) }}
),
{% endif %}
query_key_value as materialized (
    {{ hartonomous.linear(
        input=input, column=column, weights=weights.attention_inputs, width=settings.hidden_size,
        rows=queries_and_keys + (keys if cached else 0),
    ) | indent(4) }}
)
{%- if not cached %},

values_over_positions as materialized (
    {{ hartonomous.linear_over_positions(
        input=input, column=column, weights=weights.attention_inputs, width=settings.hidden_size,
        first=queries_and_keys, rows=keys,
    ) | indent(4) }}
)
{%- endif %}
{%- endmacro %}

{# The same and the attention weights, for who wants to see them. #}
{% macro attention_weight_ctes(settings, weights) -%}
{{ hartonomous.query_key_value_ctes(settings, weights) }},

{{ hartonomous.attention_weights_ctes(settings, weights) }}
{%- endmacro %}

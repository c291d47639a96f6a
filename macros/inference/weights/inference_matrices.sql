{#
  The matrices in the shape that inference reads: one row an output neuron, keyed by layer and
  output_index, the row cut into columns (macros/kernels/chunks.sql), with the norm before it folded
  in: w' = w * gain, bias' = bias + w . norm_bias. Layers are contiguous, so that a scan for one
  layer skips the others.

    inference_attention_inputs     query, key and value rows, in this order
    inference_attention_outputs    the output projection; after a post-norm also residual_gain
    inference_feed_forward_inputs  the up projection; where gated also gate_0.., gate_bias
    inference_feed_forward_outputs the down projection; after a post-norm also residual_gain
    inference_heads                the language-model head over the final norm; layer is 0
#}
{% macro inference_attention_inputs(model=none, suffix='') %}
    {{ hartonomous.inference_table() }}
    {{ adapter.dispatch('inference_attention_inputs', 'hartonomous')(hartonomous.run_settings(model, suffix)) }}
{% endmacro %}

{% macro duckdb__inference_attention_inputs(settings) -%}
{%- set queries = settings.heads * settings.head_size -%}
{%- set keys = settings.key_value_heads * settings.head_size -%}
{{ hartonomous.folded_matrix(
    settings, {'attention_query': 0, 'attention_key': queries, 'attention_value': queries + keys},
    'attention_input', settings.hidden_size
) }}
{%- endmacro %}

{% macro inference_attention_outputs(model=none, suffix='') %}
    {{ hartonomous.inference_table() }}
    {{ adapter.dispatch('inference_attention_outputs', 'hartonomous')(hartonomous.run_settings(model, suffix)) }}
{% endmacro %}

{% macro duckdb__inference_attention_outputs(settings) -%}
{{ hartonomous.output_matrix(settings, 'attention_output', 'attention_input', settings.heads * settings.head_size) }}
{%- endmacro %}

{% macro inference_feed_forward_inputs(model=none, suffix='') %}
    {{ hartonomous.inference_table() }}
    {{ adapter.dispatch('inference_feed_forward_inputs', 'hartonomous')(hartonomous.run_settings(model, suffix)) }}
{% endmacro %}

{% macro duckdb__inference_feed_forward_inputs(settings) -%}
{{ hartonomous.folded_matrix(
    settings, {'feed_forward_up': 0}, 'feed_forward_input', settings.hidden_size,
    'feed_forward_gate' if settings.is_gated else none
) }}
{%- endmacro %}

{% macro inference_feed_forward_outputs(model=none, suffix='') %}
    {{ hartonomous.inference_table() }}
    {{ adapter.dispatch('inference_feed_forward_outputs', 'hartonomous')(hartonomous.run_settings(model, suffix)) }}
{% endmacro %}

{% macro duckdb__inference_feed_forward_outputs(settings) -%}
{{ hartonomous.output_matrix(settings, 'feed_forward_down', 'feed_forward_input', settings.feed_forward_size) }}
{%- endmacro %}

{% macro inference_heads(model=none, suffix='') %}
    {{ hartonomous.inference_table() }}
    {{ adapter.dispatch('inference_heads', 'hartonomous')(hartonomous.run_settings(model, suffix)) }}
{% endmacro %}

{% macro duckdb__inference_heads(settings) -%}
{%- if settings.has_head -%}
{{ hartonomous.folded_matrix(settings, {'head': 0}, 'final', settings.hidden_size) }}
{%- else -%}
{{ hartonomous.folded_matrix(settings, {'no_head': 0}, 'final', settings.hidden_size) }}
{%- endif -%}
{%- endmacro %}

{% macro default__inference_attention_inputs(settings) %}
    {% do return(hartonomous.unsupported('inference_attention_inputs')) %}
{% endmacro %}

{% macro default__inference_attention_outputs(settings) %}
    {% do return(hartonomous.unsupported('inference_attention_outputs')) %}
{% endmacro %}

{% macro default__inference_feed_forward_inputs(settings) %}
    {% do return(hartonomous.unsupported('inference_feed_forward_inputs')) %}
{% endmacro %}

{% macro default__inference_feed_forward_outputs(settings) %}
    {% do return(hartonomous.unsupported('inference_feed_forward_outputs')) %}
{% endmacro %}

{% macro default__inference_heads(settings) %}
    {% do return(hartonomous.unsupported('inference_heads')) %}
{% endmacro %}

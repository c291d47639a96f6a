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

{#
  The norm before a place, one row a layer: (layer, gain, bias). A post-norm model's attention reads
  what the norm at the end of the layer before left; the first layer, the embedding's norm.
#}
{% macro norm_before(settings, place) -%}
{%- if place == 'final' -%}
    {%- set sources = [('final_norm' if settings.is_pre_norm else 'feed_forward_norm', '0')] -%}
{%- elif settings.is_pre_norm -%}
    {%- set sources = [('attention_norm' if place == 'attention_input' else 'feed_forward_norm', 'gain.layer')] -%}
{%- elif place == 'attention_input' -%}
    {%- set sources = [('embedding_norm', '0'), ('feed_forward_norm', 'gain.layer + 1')] -%}
{%- else -%}
    {%- set sources = [('attention_norm', 'gain.layer')] -%}
{%- endif -%}
(
{%- for role, layer in sources %}
    select
        {{ layer }} as layer,
        gain.vector as gain,
        coalesce(offset_row.vector, list_resize(cast([] as float[]), len(gain.vector), cast(0 as float))) as bias
    from {{ hartonomous.role_rows(settings, [role]) | indent(4) }} as gain
    left join {{ hartonomous.role_rows(settings, [role ~ '_bias']) | indent(4) }} as offset_row
        on offset_row.layer is not distinct from gain.layer
    {%- if place == 'final' and not settings.is_pre_norm %}
    where gain.layer = {{ settings.layers - 1 }}
    {%- endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
{%- endfor %}
)
{%- endmacro %}

{# A matrix that reads a normalized vector. #}
{% macro folded_matrix(settings, roles, place, width, gate=none) -%}
select
    neuron.layer,
    neuron.output_index,
    {{ hartonomous.chunk_columns('neuron.weights', width) | indent(4) }},
    {%- if gate %}
    {{ hartonomous.chunk_columns('neuron.gate_weights', width, 'gate') | indent(4) }},
    neuron.gate_bias,
    {%- endif %}
    neuron.bias
from (
    select
        cast(coalesce(weight.layer, 0) as integer) as layer,
        case weight.role
            {%- for role, first in roles.items() %}
            when {{ hartonomous.text_literal(role) }} then weight.row_index + {{ first }}
            {%- endfor %}
        end as output_index,
        {{ hartonomous.folded_row('weight.vector', 'norm.gain') }} as weights,
        cast(
            coalesce(bias.vector[weight.row_index + 1], 0) + list_dot_product(weight.vector, norm.bias) as float
        ) as bias
        {%- if gate %},
        {{ hartonomous.folded_row('gate.vector', 'norm.gain') }} as gate_weights,
        cast(
            coalesce(gate_bias.vector[weight.row_index + 1], 0) + list_dot_product(gate.vector, norm.bias) as float
        ) as gate_bias
        {%- endif %}
    from {{ hartonomous.role_rows(settings, roles | list) | indent(4) }} as weight
    inner join {{ hartonomous.norm_before(settings, place) | indent(4) }} as norm
        on norm.layer = coalesce(weight.layer, 0)
    left join {{ hartonomous.role_rows(settings, hartonomous.with_ending(roles, '_bias')) | indent(4) }} as bias
        on bias.layer is not distinct from weight.layer and bias.role = weight.role || '_bias'
    {%- if gate %}
    inner join {{ hartonomous.role_rows(settings, [gate]) | indent(4) }} as gate
        on gate.layer = weight.layer and gate.row_index = weight.row_index
    left join {{ hartonomous.role_rows(settings, [gate ~ '_bias']) | indent(4) }} as gate_bias
        on gate_bias.layer = weight.layer
    {%- endif %}
) as neuron
order by neuron.layer, neuron.output_index
{%- endmacro %}

{# A matrix whose output is added to the residual stream. #}
{% macro output_matrix(settings, role, place, width) -%}
select
    neuron.layer,
    neuron.output_index,
    {{ hartonomous.chunk_columns('neuron.weights', width) | indent(4) }},
    {%- if not settings.is_pre_norm %}
    neuron.residual_gain,
    {%- endif %}
    neuron.bias
from (
    select
        cast(weight.layer as integer) as layer,
        weight.row_index as output_index,
        weight.vector as weights,
        {%- if settings.is_pre_norm %}
        cast(coalesce(bias.vector[weight.row_index + 1], 0) as float) as bias
        {%- else %}
        norm.gain[weight.row_index + 1] as residual_gain,
        cast(coalesce(bias.vector[weight.row_index + 1], 0) + norm.bias[weight.row_index + 1] as float) as bias
        {%- endif %}
    from {{ hartonomous.role_rows(settings, [role]) | indent(4) }} as weight
    {%- if not settings.is_pre_norm %}
    inner join {{ hartonomous.norm_before(settings, place) | indent(4) }} as norm
        on norm.layer = weight.layer
    {%- endif %}
    left join {{ hartonomous.role_rows(settings, [role ~ '_bias']) | indent(4) }} as bias
        on bias.layer = weight.layer
) as neuron
order by neuron.layer, neuron.output_index
{%- endmacro %}

{% macro folded_row(weights, gain) -%}
cast(list_transform(list_zip({{ weights }}, {{ gain }}), lambda pair: pair[1] * pair[2]) as float[])
{%- endmacro %}

{% macro with_ending(roles, ending) %}
    {%- set ended = [] -%}
    {%- for role in roles -%}
        {% do ended.append(role ~ ending) %}
    {%- endfor -%}
    {% do return(ended) %}
{% endmacro %}

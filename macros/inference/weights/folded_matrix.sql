{#
  The norm before a place, one row a layer: (layer, gain, bias). A post-norm model's attention reads
  what the norm at the end of the layer before left; the first layer, the embedding's norm.
#}
{% macro norm_before(settings, place) -%}
{%- set sources = hartonomous.norm_sources(settings, place) -%}
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

{#
  norm_sources(settings, place): [(role, layer), ...] of the norms before a place; layer is SQL over the
  relation `gain` of their rows.
#}
{% macro norm_sources(settings, place) %}
    {% if place == 'final' %}
        {% do return([('final_norm' if settings.is_pre_norm else 'feed_forward_norm', '0')]) %}
    {% elif settings.is_pre_norm %}
        {% do return([('attention_norm' if place == 'attention_input' else 'feed_forward_norm', 'gain.layer')]) %}
    {% elif place == 'attention_input' %}
        {% do return([('embedding_norm', '0'), ('feed_forward_norm', 'gain.layer + 1')]) %}
    {% endif %}
    {% do return([('attention_norm', 'gain.layer')]) %}
{% endmacro %}

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

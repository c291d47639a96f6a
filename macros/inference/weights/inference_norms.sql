{#
  inference_norms(model, suffix): gain and bias of the norm before each place: (place, layer, gain,
  bias), place one of attention_input, feed_forward_input, final. The matrices hold them folded in;
  hidden states are shown with them (hidden_states, embed).
#}
{% macro inference_norms(model=none, suffix='') %}
    {{ hartonomous.inference_table() }}
    {{ adapter.dispatch('inference_norms', 'hartonomous')(hartonomous.run_settings(model, suffix)) }}
{% endmacro %}

{% macro duckdb__inference_norms(settings) -%}
{%- for place in ['attention_input', 'feed_forward_input', 'final'] %}
select
    '{{ place }}' as place,
    cast(norm.layer as integer) as layer,
    norm.gain,
    norm.bias
from {{ hartonomous.norm_before(settings, place) | indent(4) }} as norm
{%- if not loop.last %}

union all
{% endif %}
{%- endfor %}
{%- endmacro %}

{% macro default__inference_norms(settings) %}
    {% do return(hartonomous.unsupported('inference')) %}
{% endmacro %}

{#
  inference_rotations(model, suffix): what rotary positions turn (macros/kernels/rotary.sql), over
  all dimensions of all query heads; no row where positions are learned.
#}
{% macro inference_rotations(model=none, suffix='') %}
    {{ hartonomous.inference_table() }}
    {{ adapter.dispatch('inference_rotations', 'hartonomous')(hartonomous.run_settings(model, suffix)) }}
{% endmacro %}

{% macro duckdb__inference_rotations(settings) -%}
{%- set half = settings.head_size // 2 -%}
select
    cast(list(turned.frequency order by turned.dimension) as float[]) as frequencies,
    cast(list(turned.partner order by turned.dimension) as integer[]) as partners,
    cast(list(turned.sign order by turned.dimension) as float[]) as signs
from (
    select
        dimension.dimension,
        pairs.frequencies[(dimension.dimension % {{ [half, 1] | max }}) + 1] as frequency,
        case
            when dimension.dimension % {{ settings.head_size }} < {{ half }} then dimension.dimension + {{ half }} + 1
            else dimension.dimension - {{ half }} + 1
        end as partner,
        case when dimension.dimension % {{ settings.head_size }} < {{ half }} then -1 else 1 end as sign
    from range({{ settings.heads * settings.head_size }}) as dimension (dimension)
    cross join (
        select cast([
            {%- for frequency in settings.rotary_frequencies %}
            {{ frequency }}::double{{ ',' if not loop.last }}
            {%- endfor %}
        ] as float[]) as frequencies
    ) as pairs
) as turned
having {{ settings.rotary_frequencies | length }} > 0
{%- endmacro %}

{% macro default__inference_rotations(settings) %}
    {% do return(hartonomous.unsupported('inference')) %}
{% endmacro %}

{#
  The weight tables of inference_norms.sql on SQL Server, as numbers:

  inference_norms      (place, layer, dimension, gain, bias), place and layer as in DuckDB: the norm
                       before attention_input, feed_forward_input, final
  inference_rotations  (dimension, frequency, partner, sign): a row a dimension of ONE head, all
                       counted from 0; no row where positions are learned
#}
{% macro sqlserver__inference_norms(settings) -%}
{{ config(indexes=hartonomous.table_indexes(['place', 'layer', 'dimension'])) }}
{%- for place in ['attention_input', 'feed_forward_input', 'final'] %}
select
    cast('{{ place }}' as varchar(64)) as place,
    norm.layer,
    norm.dimension,
    norm.gain,
    norm.bias
from {{ hartonomous.sqlserver_norm_before(settings, place) | indent(4) }} as norm
{%- if not loop.last %}

union all
{% endif %}
{%- endfor %}
{%- endmacro %}

{# norm_before of folded_matrix.sql, a row a dimension: (layer, dimension, gain, bias). #}
{% macro sqlserver_norm_before(settings, place) -%}
{%- set sources = hartonomous.norm_sources(settings, place) -%}
(
{%- for role, layer in sources %}
    select
        cast({{ layer }} as int) as layer,
        gain.dimension,
        gain.value as gain,
        cast(coalesce(bias.value, 0) as real) as bias
    from {{ hartonomous.sqlserver_role_numbers(settings, [role], settings.hidden_size) | indent(4) }} as gain
    left join {{ hartonomous.sqlserver_role_numbers(settings, [role ~ '_bias'], settings.hidden_size) | indent(4) }} as bias
        on coalesce(bias.layer, 0) = coalesce(gain.layer, 0) and bias.dimension = gain.dimension
    {%- if place == 'final' and not settings.is_pre_norm %}
    where gain.layer = {{ settings.layers - 1 }}
    {%- endif %}
    {%- if not loop.last %}

    union all
    {% endif %}
{%- endfor %}
)
{%- endmacro %}

{% macro sqlserver__inference_rotations(settings) -%}
{{ config(indexes=hartonomous.table_indexes(['dimension'])) }}
{%- set half = settings.head_size // 2 -%}
{%- set frequencies = settings.rotary_frequencies -%}
select
    turned.dimension,
    turned.frequency,
    turned.partner,
    turned.sign
from (
    values
    {%- for frequency in frequencies %}
    ({{ loop.index0 }}, cast({{ '%.17e' | format(frequency) }} as real), {{ loop.index0 + half }}, -1),
    ({{ loop.index0 + half }}, cast({{ '%.17e' | format(frequency) }} as real), {{ loop.index0 }}, 1){{ ',' if not loop.last }}
    {%- else %}
    (0, cast(0 as real), 0, 0)
    {%- endfor %}
) as turned (dimension, frequency, partner, sign)
{%- if not frequencies %}
where 1 = 0
{%- endif %}
{%- endmacro %}

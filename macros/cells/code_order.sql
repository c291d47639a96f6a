{#
  code_order(settings, training, row): what compared rows are ordered by: the number of bits that
  differ. weighted_order(settings, training, row, question): the sum of their weights.

  Where length counts, the distance with the cosine that the codes stand for: pi / 2 * (1 - 2 *
  difference / bits) is the arcsine of it, and of the weights' sum W differing weights are (W - 2 *
  differing) / W parts of the most that the cosine can be.
#}
{% macro code_order(settings, training, row, question) -%}
    {%- set cosine = 'sin(1.5707963267948966e0 * (1 - 2 * ' ~ row ~ '.difference / ' ~ training.bits ~ '))' -%}
    {{ row ~ '.difference' if settings.metric == 'cosine' else hartonomous.length_distance(settings, row, question, cosine) }}
{%- endmacro %}

{% macro weighted_order(settings, training, row, question) -%}
    {%- set difference = hartonomous.weighted_difference(training, row, question) -%}
    {%- set cosine = '((' ~ question ~ '.full_weight - 2 * (' ~ difference ~ ')) / nullif(' ~ question ~ '.full_weight, 0))' -%}
    {{ difference if settings.metric == 'cosine' else hartonomous.length_distance(settings, row, question, cosine) }}
{%- endmacro %}

{% macro length_distance(settings, row, question, cosine) -%}
    {%- if settings.metric == 'dot' -%}
        -{{ row }}.norm * {{ cosine }}
    {%- else -%}
        {{ row }}.norm * ({{ row }}.norm - 2 * {{ question }}.norm * {{ cosine }})
    {%- endif -%}
{%- endmacro %}

{% macro weighted_difference(training, row, question) %}
    {% do return(adapter.dispatch('weighted_difference', 'hartonomous')(training, row, question)) %}
{% endmacro %}

{% macro duckdb__weighted_difference(training, row, question) -%}
    {%- for word in range(training.words) -%}
    cast(bit_count({{ row }}.differing_{{ word }} & {{ question }}.low_{{ word }}) as float)
        + 2 * cast(bit_count({{ row }}.differing_{{ word }} & {{ question }}.high_{{ word }}) as float)
    {%- if not loop.last %}
        + {% endif %}
    {%- endfor -%}
{%- endmacro %}

{% macro default__weighted_difference(training, row, question) %}
    {% do return(hartonomous.unsupported('codes')) %}
{% endmacro %}

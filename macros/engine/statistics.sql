{# standard_deviation(expression): of a sample, an aggregate that each engine spells its own way. #}
{% macro standard_deviation(expression) %}
    {% do return(adapter.dispatch('standard_deviation', 'hartonomous')(expression)) %}
{% endmacro %}

{% macro duckdb__standard_deviation(expression) -%}
    coalesce(stddev_samp({{ expression }}), 0)
{%- endmacro %}

{% macro default__standard_deviation(expression) -%}
    coalesce(stdev({{ expression }}), 0)
{%- endmacro %}

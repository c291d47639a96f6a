{# as_materialized(): what makes a CTE be computed once, where the engine can be told. #}
{% macro as_materialized() %}
    {% do return(adapter.dispatch('as_materialized', 'hartonomous')()) %}
{% endmacro %}

{% macro duckdb__as_materialized() %}
    {% do return('materialized ') %}
{% endmacro %}

{% macro default__as_materialized() %}
    {% do return('') %}
{% endmacro %}

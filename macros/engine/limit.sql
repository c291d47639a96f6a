{#
  The first k rows of an ordered SELECT: T-SQL says it before the columns, others after ORDER BY.
  Write both: select {{ '{{ top(k) }}' }} ... order by ... {{ '{{ limit(k) }}' }}; one of them is empty.
#}
{% macro top(k) %}
    {% do return(adapter.dispatch('top', 'hartonomous')(k)) %}
{% endmacro %}

{% macro limit(k) %}
    {% do return(adapter.dispatch('limit', 'hartonomous')(k)) %}
{% endmacro %}

{% macro duckdb__top(k) %}{% endmacro %}

{% macro duckdb__limit(k) -%}
    limit {{ k }}
{%- endmacro %}

{% macro default__top(k) %}
    {% do return(hartonomous.unsupported('top')) %}
{% endmacro %}

{% macro default__limit(k) %}
    {% do return(hartonomous.unsupported('limit')) %}
{% endmacro %}

{% macro sqlserver__top(k) %}{{ hartonomous.tsql_top(k) }}{% endmacro %}

{% macro fabric__top(k) %}{{ hartonomous.tsql_top(k) }}{% endmacro %}

{% macro tsql_top(k) -%}
    top ({{ k }})
{%- endmacro %}

{% macro sqlserver__limit(k) %}{% endmacro %}

{% macro fabric__limit(k) %}{% endmacro %}

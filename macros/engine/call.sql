{#
  call(name, arguments): the statement that calls a callable from a model or test, with literal
  arguments, in the order of its parameters; `relation` is what ref() gives.
  vector_text(vector): a vector literal: JSON text, which every engine parses fast.
#}
{% macro call(relation, arguments) %}
    {% do return(adapter.dispatch('call', 'hartonomous')(relation, arguments)) %}
{% endmacro %}

{% macro duckdb__call(relation, arguments) -%}
    select * from {{ relation }}({{ arguments | join(', ') }})
{%- endmacro %}

{% macro default__call(relation, arguments) %}
    {% do return(hartonomous.unsupported('a callable')) %}
{% endmacro %}

{% macro vector_text(expression) %}
    {% do return(adapter.dispatch('vector_text', 'hartonomous')(expression)) %}
{% endmacro %}

{% macro duckdb__vector_text(expression) -%}
    cast({{ expression }} as varchar)
{%- endmacro %}

{% macro default__vector_text(expression) %}
    {% do return(hartonomous.unsupported('a vector as text')) %}
{% endmacro %}

{% macro sqlserver__call(relation, arguments) %}{{ hartonomous.tsql_call(relation, arguments) }}{% endmacro %}

{% macro fabric__call(relation, arguments) %}{{ hartonomous.tsql_call(relation, arguments) }}{% endmacro %}

{% macro tsql_call(relation, arguments) -%}
    exec {{ relation }} {{ arguments | join(', ') }}
{%- endmacro %}

{# VECTOR casts to JSON text with 8 significant digits. #}
{% macro sqlserver__vector_text(expression) -%}
    cast({{ expression }} as nvarchar(max))
{%- endmacro %}

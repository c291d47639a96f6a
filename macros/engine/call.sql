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

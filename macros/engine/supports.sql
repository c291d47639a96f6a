{#
  supports(capability): whether the engine has it. docs/engines.md is the same table for people;
  tests/python/dbt/test_engines.py holds the two together.

  vector         a typed vector column and distance functions over it
  geometry       a point column with a spatial index
  vector_index   an approximate nearest-neighbor index
  float16        half-precision vector storage
  procedures     callables are stored procedures (else table macros)
  explain        a statement's plan can be read from a test
  tokenizers     text becomes tokens in SQL: everything that reads text
  lists          a column of nested lists, functions over them
  relation_parameters  a callable reads a relation that a parameter names
#}
{% macro supports(capability) %}
    {%- set known = ['vector', 'geometry', 'vector_index', 'float16', 'procedures', 'explain', 'tokenizers', 'lists', 'relation_parameters'] -%}
    {% if capability not in known %}
        {% do exceptions.raise_compiler_error(
            'hartonomous: supports() knows ' ~ known | join(', ') ~ '; it got ' ~ capability
        ) %}
    {% endif %}
    {% do return(capability in adapter.dispatch('capabilities', 'hartonomous')()) %}
{% endmacro %}

{% macro duckdb__capabilities() %}
    {% do return(['vector', 'geometry', 'vector_index', 'explain', 'tokenizers', 'lists', 'relation_parameters']) %}
{% endmacro %}

{% macro sqlserver__capabilities() %}
    {% do return(['vector', 'geometry', 'vector_index', 'float16', 'procedures', 'tokenizers']) %}
{% endmacro %}

{% macro fabric__capabilities() %}
    {% do return(['procedures']) %}
{% endmacro %}

{% macro default__capabilities() %}
    {% do return([]) %}
{% endmacro %}

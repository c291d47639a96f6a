{#
  sql_type(kind, dimension): the engine's name of a logical type. Kinds are those of the landing
  contract (python_ingest/hartonomous/landing/schema.py) and the two that dbt adds: vector with a
  dimension, and point.
#}
{% macro sql_type(kind, dimension=none) %}
    {% do return(adapter.dispatch('sql_type', 'hartonomous')(kind, dimension)) %}
{% endmacro %}

{% macro lookup_type(types, kind) %}
    {% if kind not in types %}
        {% do exceptions.raise_compiler_error(
            'hartonomous: sql_type() knows ' ~ types | list | join(', ') ~ '; it got ' ~ kind
        ) %}
    {% endif %}
    {% do return(types[kind]) %}
{% endmacro %}

{% macro duckdb__sql_type(kind, dimension) %}
    {% do return(hartonomous.lookup_type({
        'key': 'varchar', 'text': 'varchar', 'json': 'varchar',
        'int': 'integer', 'bigint': 'bigint', 'float': 'float', 'double': 'double',
        'bool': 'boolean', 'timestamp': 'timestamp', 'point': 'geometry',
        'vector': 'float[' ~ (dimension or '') ~ ']',
    }, kind)) %}
{% endmacro %}

{% macro default__sql_type(kind, dimension) %}
    {% do return(hartonomous.unsupported('the type ' ~ kind)) %}
{% endmacro %}

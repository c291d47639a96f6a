{#
  sql_type(kind, dimension): the engine's name of a logical type. Kinds are those of the landing
  contract (python_ingest/hartonomous/landing/schema.py) and those that dbt adds: vector with a
  dimension, point, and hash, a key that is always a SHA-256 in hexadecimal.

  Without a dimension, vector is what a landed weight row, or a chunk of it, is stored in.
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
        'key': 'varchar', 'hash': 'varchar', 'text': 'varchar', 'json': 'varchar',
        'int': 'integer', 'bigint': 'bigint', 'float': 'float', 'double': 'double',
        'bool': 'boolean', 'timestamp': 'timestamp', 'point': 'geometry',
        'vector': 'float[' ~ (dimension or '') ~ ']',
    }, kind)) %}
{% endmacro %}

{% macro default__sql_type(kind, dimension) %}
    {% do return(hartonomous.unsupported('the type ' ~ kind)) %}
{% endmacro %}

{# The same choices as in python_ingest/hartonomous/landing/tsql_schema.py, so that nothing is
   converted on the way; a key holds the widest of the landed keys. #}
{% macro sqlserver__sql_type(kind, dimension) %}
    {% if kind == 'vector' %}
        {% do return(hartonomous.sqlserver_vector_type(dimension)) %}
    {% endif %}
    {% do return(hartonomous.lookup_type({
        'key': 'nvarchar(400)', 'hash': 'varchar(64)', 'text': 'nvarchar(max)', 'json': 'nvarchar(max)',
        'int': 'int', 'bigint': 'bigint', 'float': 'real', 'double': 'float',
        'bool': 'bit', 'timestamp': 'datetime2(6)', 'point': 'geometry',
    }, kind)) %}
{% endmacro %}

{# Weights always stand in float32 chunks: they are landed so, and a float32 vector cannot be cast to
   a float16 one. Limits: https://learn.microsoft.com/sql/t-sql/data-types/vector-data-type #}
{% macro sqlserver_vector_type(dimension) %}
    {% if dimension is none %}
        {% do return('vector(' ~ hartonomous.weight_chunk_width() ~ ')') %}
    {% endif %}
    {%- set half = var('vector_storage') == 'float16' -%}
    {%- set limit = 3996 if half else 1998 -%}
    {% if dimension > limit %}
        {% do return(hartonomous.unsupported(
            'a vector of ' ~ dimension ~ ' dimensions',
            'VECTOR takes ' ~ limit ~ ' in ' ~ var('vector_storage') ~ (
                '; build that space on DuckDB' if half
                else '; set the var vector_storage to float16 (up to 3996), or build that space on DuckDB'
            )
        )) %}
    {% endif %}
    {% do return('vector(' ~ dimension ~ (', float16' if half else '') ~ ')') %}
{% endmacro %}

{# WEIGHT_CHUNK_WIDTH of python_ingest/hartonomous/landing/tsql_schema.py. #}
{% macro weight_chunk_width() %}
    {% do return(512) %}
{% endmacro %}

{# varchar is UTF-8 there and its length counts bytes. Without a vector type the chunk of a weight row
   is one number. https://learn.microsoft.com/fabric/data-warehouse/data-types #}
{% macro fabric__sql_type(kind, dimension) %}
    {% if kind == 'point' or (kind == 'vector' and dimension is not none) %}
        {% do return(hartonomous.unsupported(
            'the type ' ~ kind,
            'vectors are rows of (embedding_id, dim, value) there (model embedding_values), positions the columns x, y, z'
        )) %}
    {% endif %}
    {% do return(hartonomous.lookup_type({
        'key': 'varchar(800)', 'hash': 'varchar(64)', 'text': 'varchar(max)', 'json': 'varchar(max)',
        'int': 'int', 'bigint': 'bigint', 'float': 'real', 'double': 'float',
        'bool': 'bit', 'timestamp': 'datetime2(6)', 'vector': 'real',
    }, kind)) %}
{% endmacro %}

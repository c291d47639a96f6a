{#
  ref() and source() without the name of the main database.

  Bodies of views and callables are stored as written. A body that names the main database breaks
  as soon as the file is attached under another alias (DuckDB) or restored under another name
  (SQL Server), so relations are rendered as schema.table. Landing tables stand in a database of
  their own on DuckDB, attached everywhere under the fixed alias `landing`; on the other engines
  they are a schema of the same database. docs/decisions/0003-two-files.md
#}

{% macro ref() %}
    {%- set relation = builtins.ref(*varargs, **kwargs) -%}
    {% do return(relation.include(database=false)) %}
{% endmacro %}

{% macro source() %}
    {%- set relation = builtins.source(*varargs, **kwargs) -%}
    {% do return(adapter.dispatch('landing_relation', 'hartonomous')(relation)) %}
{% endmacro %}

{% macro duckdb__landing_relation(relation) %}
    {% do return(relation) %}
{% endmacro %}

{% macro sqlserver__landing_relation(relation) %}
    {% do return(relation.include(database=false)) %}
{% endmacro %}

{% macro fabric__landing_relation(relation) %}
    {% do return(relation.include(database=false)) %}
{% endmacro %}

{% macro default__landing_relation(relation) %}
    {% do return(hartonomous.unsupported('landing tables')) %}
{% endmacro %}

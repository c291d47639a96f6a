{#
  table_indexes(columns, unique): the `indexes` configuration of a model that is joined or searched
  by these columns: a clustered index on SQL Server, nothing on engines whose storage prunes by
  itself (DuckDB's ART indexes would only cost memory; Fabric Warehouse has no indexes).
#}
{% macro table_indexes(columns, unique=true) %}
    {% do return(adapter.dispatch('table_indexes', 'hartonomous')(columns, unique)) %}
{% endmacro %}

{% macro sqlserver__table_indexes(columns, unique) %}
    {% do return([{'columns': columns, 'type': 'clustered', 'unique': unique}]) %}
{% endmacro %}

{% macro default__table_indexes(columns, unique) %}
    {% do return([]) %}
{% endmacro %}

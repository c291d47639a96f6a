{# index_storage(relation): one row for the indexes of a table: component, row_count, bytes, bytes_as_float16. #}
{% macro index_storage(relation) %}
    {{ adapter.dispatch('index_storage', 'hartonomous')(relation) }}
{% endmacro %}

{# A built HNSW index reports its size only where it was loaded; the pragma loads it. #}
{% macro duckdb__index_storage(relation) %}
select
    'vector index' as component,
    cast(coalesce(max(index_info.count), 0) as bigint) as row_count,
    cast(coalesce(max(index_info.approx_memory_usage), 0) as bigint) as bytes,
    cast(coalesce(max(index_info.approx_memory_usage), 0) as bigint) as bytes_as_float16
from pragma_hnsw_index_info() as index_info
where index_info.table_name = '{{ relation.identifier }}'
{% endmacro %}

{% macro default__index_storage(relation) %}
    {% do return(hartonomous.unsupported('the size of an index')) %}
{% endmacro %}

{# The B-tree indexes beside the table, and the internal tables that spatial and vector index stand
   in. Read from the catalogue views, which need no permission beyond that on the table. #}
{% macro sqlserver__index_storage(relation) %}
select
    'indexes' as component,
    (
        select cast(coalesce(sum(base.rows), 0) as bigint)
        from sys.partitions as base
        where base.object_id = object_id('{{ relation }}') and base.index_id in (0, 1)
    ) as row_count,
    cast(coalesce(sum(unit.total_pages), 0) * 8192 as bigint) as bytes,
    cast(coalesce(sum(unit.total_pages), 0) * 8192 as bigint) as bytes_as_float16
from sys.partitions as part
inner join sys.allocation_units as unit
    on unit.container_id = part.partition_id
where (part.object_id = object_id('{{ relation }}') and part.index_id > 1)
    or part.object_id in (
        select internal_table.object_id
        from sys.internal_tables as internal_table
        where internal_table.parent_object_id = object_id('{{ relation }}')
    )
{% endmacro %}

{# Fabric Warehouse has no indexes. #}
{% macro fabric__index_storage(relation) %}
select
    'indexes' as component,
    cast(0 as bigint) as row_count,
    cast(0 as bigint) as bytes,
    cast(0 as bigint) as bytes_as_float16
{% endmacro %}

{# index_storage(relation): one row a vector index: component, row_count, bytes, bytes_as_float16. #}
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

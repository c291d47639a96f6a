{# What happens around the build of a space's table: rows that left, keys and indexes. #}

{# Texts that were removed from the landing leave the table, too. #}
{% macro delete_removed_embeddings(relation, space=none) %}
    {% if execute and is_incremental() %}
        {%- set settings = hartonomous.space_settings(space) -%}
        {% do return(hartonomous.delete_rows(relation, 'not exists (
        select 1
        from ' ~ source('raw', 'text_embeddings') ~ " as landed
        where landed.space_id = '" ~ settings.space_id ~ "'
            and landed.embedding_id = present.embedding_id
            and landed.text_id = present.text_id
    )")) %}
    {% endif %}
{% endmacro %}

{# SQL Server's vector index makes its table read-only: it goes before an incremental run. #}
{% macro before_embeddings(relation, space=none) %}
    {% if execute and hartonomous.supports('vector_index') %}
        {{ hartonomous.enable_preview() }}
        {%- if is_incremental() %}
        {{ hartonomous.drop_vector_index(relation, 'embedding') }}
        {%- endif %}
    {% endif %}
{% endmacro %}

{% macro embedding_primary_key(relation) %}
    {% do return(adapter.dispatch('embedding_primary_key', 'hartonomous')(relation)) %}
{% endmacro %}

{# By the key, a search reads the few rows that it reranks. Without an index DuckDB 1.5 reads whole
   vectors of 2,048 rows for each of them (an array column knows no sparser read). Not unique, which a
   data test asserts: a unique one could not take the same key back in one transaction. #}
{% macro duckdb__embedding_primary_key(relation) -%}
    create index if not exists {{ hartonomous.index_name(relation, 'embedding_id', 'key') }} on {{ relation }} (embedding_id)
{%- endmacro %}

{#
  Spatial and vector index want a clustered primary key, the vector index one of a single INT column.
  A table with a contract was created with it. Coarse search reads the rows of a cell of level 1.
#}
{% macro sqlserver__embedding_primary_key(relation) %}
    {%- set table = relation.include(database=false) -%}
    {%- if not config.get('contract').enforced -%}
        {%- set key = hartonomous.index_name(relation, 'embedding_id', 'pk') -%}
{{ hartonomous.tsql_once(relation, key, 'alter table ' ~ table ~ ' add constraint [' ~ key ~ '] primary key clustered (embedding_id)') }}
    {% endif -%}
    {%- set name = hartonomous.index_name(relation, 'grid_cell_1', 'cell') -%}
{{ hartonomous.tsql_once(relation, name, 'create nonclustered index [' ~ name ~ '] on ' ~ table ~ ' (grid_cell_1)') }}
{% endmacro %}

{# Fabric Warehouse enforces no keys and has no indexes. #}
{% macro fabric__embedding_primary_key(relation) %}
    {% do return('') %}
{% endmacro %}

{% macro default__embedding_primary_key(relation) %}
    {% do return(hartonomous.unsupported('a primary key')) %}
{% endmacro %}

{% macro embedding_spatial_index(relation, space=none) %}
    {% if execute and hartonomous.supports('geometry') %}
        {% do return(hartonomous.create_spatial_index(
            relation, 'position', hartonomous.space_bounding_box(space)
        )) %}
    {% endif %}
{% endmacro %}

{% macro embedding_vector_index(relation, space=none) %}
    {% if execute and hartonomous.supports('vector_index') and var('vector_index') %}
        {%- set settings = hartonomous.space_settings(space) -%}
        {%- set found = run_query(
            'select count(*) from ' ~ source('raw', 'text_embeddings')
            ~ " where space_id = '" ~ settings.space_id ~ "'"
        ) -%}
        {%- set row_count = found.rows[0][0] | int if found is not none and found.rows | length > 0 else 0 -%}
        {% if hartonomous.vector_index_in_memory() and row_count > var('vector_index_max_rows') %}
            {% do log(
                'hartonomous: ' ~ relation ~ ' has ' ~ row_count ~ ' rows, above vector_index_max_rows ('
                ~ var('vector_index_max_rows') ~ '): no vector index is built', info=true
            ) %}
        {% else %}
            {% do return(hartonomous.create_vector_index(relation, 'embedding', settings.metric)) %}
        {% endif %}
    {% endif %}
{% endmacro %}

{# Whether the index must fit in memory, so that vector_index_max_rows applies: HNSW does, DiskANN not. #}
{% macro vector_index_in_memory() %}
    {% do return(adapter.dispatch('vector_index_in_memory', 'hartonomous')()) %}
{% endmacro %}

{% macro sqlserver__vector_index_in_memory() %}
    {% do return(false) %}
{% endmacro %}

{% macro default__vector_index_in_memory() %}
    {% do return(true) %}
{% endmacro %}

{#
  embedding_attributes(space): the columns that filters name, as rows (embedding_id, column_name,
  value, number), in the order of column and value, so that a filter reads only its own values: what
  filtered search goes by. One row for the collection (`source`) and one for each scalar of the
  metadata; nested values are kept as JSON text. `number` is the value where it is a number.
#}
{% macro embedding_attributes(space=none) %}
    {{ config(
        materialized='table',
        tags=['space'],
        indexes=hartonomous.table_indexes(['column_name', 'embedding_id'], unique=false),
    ) }}
    {{ adapter.dispatch('embedding_attribute_rows', 'hartonomous')(ref('embeddings' ~ hartonomous.space_suffix(space))) }}
{% endmacro %}

{% macro duckdb__embedding_attribute_rows(embeddings) -%}
select
    attribute.column_name,
    attribute.value,
    try_cast(attribute.value as double) as number,
    attribute.embedding_id
from (
    select
        embedding.embedding_id,
        'source' as column_name,
        embedding.source as value
    from {{ embeddings }} as embedding

    union all

    select
        entry.embedding_id,
        entry.column_name,
        json_extract_string(entry.metadata, '/' || replace(replace(entry.column_name, '~', '~0'), '/', '~1')) as value
    from (
        select
            embedding.embedding_id,
            embedding.metadata,
            unnest(json_keys(embedding.metadata)) as column_name
        from {{ embeddings }} as embedding
        where embedding.metadata is not null
    ) as entry
    where entry.column_name not in ('source', 'source_text', 'embedding_id')
) as attribute
where attribute.value is not null
order by attribute.column_name, attribute.value, attribute.embedding_id
{%- endmacro %}

{% macro default__embedding_attribute_rows(embeddings) %}
    {% do return(hartonomous.unsupported('attributes')) %}
{% endmacro %}

{# OPENJSON gives the keys of an object with their values as text. #}
{% macro sqlserver__embedding_attribute_rows(embeddings) %}{{ hartonomous.tsql_embedding_attribute_rows(embeddings) }}{% endmacro %}

{% macro fabric__embedding_attribute_rows(embeddings) %}{{ hartonomous.tsql_embedding_attribute_rows(embeddings) }}{% endmacro %}

{% macro tsql_embedding_attribute_rows(embeddings) -%}
select
    attribute.column_name,
    attribute.value,
    try_cast(attribute.value as {{ hartonomous.sql_type('double') }}) as number,
    attribute.embedding_id
from (
    select
        embedding.embedding_id,
        cast('source' as {{ hartonomous.sql_type('key') }}) as column_name,
        cast(embedding.source as {{ hartonomous.sql_type('text') }}) as value
    from {{ embeddings }} as embedding

    union all

    select
        embedding.embedding_id,
        cast(entry.[key] as {{ hartonomous.sql_type('key') }}) as column_name,
        cast(entry.value as {{ hartonomous.sql_type('text') }}) as value
    from {{ embeddings }} as embedding
    cross apply openjson(embedding.metadata) as entry
    where entry.[key] not in ('source', 'source_text', 'embedding_id')
) as attribute
where attribute.value is not null
{%- endmacro %}

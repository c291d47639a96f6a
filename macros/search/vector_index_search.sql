{#
  vector_index_search(query_vector, top_k, filters): the engine's approximate index, by the space's
  own metric. HNSW in DuckDB, DiskANN in SQL Server.

  With filters DuckDB compares the passing rows exactly: HNSW knows no filters and would return too
  few rows. `filters is null` is known when the statement is planned, so only one branch runs.
  Above vector_index_max_rows, where no index is built, the same statement scans.
#}
{% macro vector_index_search(space=none) %}
    {%- set settings = hartonomous.space_settings(space) -%}
    {{ hartonomous.callable('sp_VectorIndexSearch' ~ settings.suffix, [
        {'name': 'query_vector', 'type': 'vector'},
        {'name': 'top_k', 'type': 'int', 'default': 10},
        {'name': 'filters', 'type': 'json', 'default': none},
    ]) }}
    {{ adapter.dispatch('vector_index_search', 'hartonomous')(settings) }}
{% endmacro %}

{% macro duckdb__vector_index_search(settings) %}
    {%- set embeddings = ref('embeddings' ~ settings.suffix) -%}
    {%- set distance = hartonomous.vector_distance(
        settings.metric, 'candidate.embedding', hartonomous.to_vector('query_vector', settings.dimension)
    ) -%}
    {%- set similarity = hartonomous.similarity_by("'" ~ settings.metric ~ "'", 'answer.distance') -%}
with indexed as (
    select candidate.embedding_id, candidate.source_text, {{ distance }} as distance
    from {{ embeddings }} as candidate
    order by {{ distance }}
    limit top_k
),

filtered as (
    select candidate.embedding_id, candidate.source_text, {{ distance }} as distance
    from {{ embeddings }} as candidate
    where filters is not null
        and {{ hartonomous.passes_filters('candidate', 'filters') | indent(8) }}
    order by distance, candidate.embedding_id
    limit top_k
),

answer as (
    select * from indexed where filters is null
    union all
    select * from filtered
)

select
    answer.embedding_id,
    answer.source_text,
    answer.distance,
    {{ similarity }} as similarity
from answer
order by answer.distance, answer.embedding_id
{% endmacro %}

{% macro default__vector_index_search(settings) %}
    {% do return(hartonomous.unsupported('vector_index_search')) %}
{% endmacro %}

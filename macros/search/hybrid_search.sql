{#
  hybrid_search(query_vector, x, y, z, spatial_candidates, final_top_k, filters): the nearest 3-D
  positions as candidates, ordered by their full vectors. It can find no neighbor that the 3-D
  position has lost: model search_quality says how many those are.
#}
{% macro hybrid_search(space=none) %}
    {{ hartonomous.only_where('geometry') }}
    {%- set settings = hartonomous.space_settings(space) -%}
    {{ hartonomous.callable('sp_HybridSearch' ~ settings.suffix, [
        {'name': 'query_vector', 'type': 'vector'},
        {'name': 'x', 'type': 'double', 'procedure_name': 'query_spatial_x'},
        {'name': 'y', 'type': 'double', 'procedure_name': 'query_spatial_y'},
        {'name': 'z', 'type': 'double', 'procedure_name': 'query_spatial_z'},
        {'name': 'spatial_candidates', 'type': 'int', 'default': 100},
        {'name': 'final_top_k', 'type': 'int', 'default': 10},
        {'name': 'filters', 'type': 'json', 'default': none},
    ], space) }}
    {{ adapter.dispatch('hybrid_search', 'hartonomous')(settings) }}
{% endmacro %}

{% macro duckdb__hybrid_search(settings) %}
    {%- set distance = hartonomous.vector_distance(
        settings.metric, 'candidate.embedding', hartonomous.to_vector('query_vector', settings.dimension)
    ) -%}
with spatial_candidate as materialized (
    select nearby.embedding_id, nearby.distance
    from {{ ref('approx_spatial_search' ~ settings.suffix) }}(x, y, z, spatial_candidates, 0, filters) as nearby
),

scored as (
    select
        candidate.embedding_id,
        candidate.source_text,
        {{ distance }} as distance,
        spatial_candidate.distance as spatial_distance
    from {{ ref('embeddings' ~ settings.suffix) }} as candidate
    inner join spatial_candidate
        on spatial_candidate.embedding_id = candidate.embedding_id
)

select
    scored.embedding_id,
    scored.source_text,
    scored.distance,
    {{ hartonomous.similarity_by("'" ~ settings.metric ~ "'", 'scored.distance') | indent(4) }} as similarity,
    scored.spatial_distance
from scored
order by scored.distance, scored.embedding_id
limit final_top_k
{% endmacro %}

{% macro default__hybrid_search(settings) %}
    {% do return(hartonomous.unsupported('hybrid_search')) %}
{% endmacro %}

{# The candidates are fetched here and not by INSERT ... EXEC of the other procedure, which may not be
   nested: nobody could then keep the rows of this one. #}
{% macro sqlserver__hybrid_search(settings) %}
    {%- set embeddings = ref('embeddings' ~ settings.suffix) -%}
    {{- hartonomous.check_parameters(
        counts=['spatial_candidates', 'final_top_k'],
        required=['query_vector', 'query_spatial_x', 'query_spatial_y', 'query_spatial_z'],
    ) }}
{{ hartonomous.sqlserver_nearest_positions(embeddings, '@spatial_candidates') }}

select top (@final_top_k)
    scored.embedding_id,
    scored.source_text,
    scored.distance,
    {{ hartonomous.similarity_by("'" ~ settings.metric ~ "'", 'scored.distance') | indent(4) }} as similarity,
    scored.spatial_distance
from (
    select
        candidate.embedding_id,
        candidate.source_text,
        {{ hartonomous.vector_distance(settings.metric, 'candidate.embedding', '@query_vector') }} as distance,
        nearby.distance as spatial_distance
    from (
        select top (@spatial_candidates)
            reached.embedding_id,
            reached.distance
        from #reached as reached
        order by reached.distance, reached.embedding_id
    ) as nearby
    inner join {{ embeddings }} as candidate
        on candidate.embedding_id = nearby.embedding_id
) as scored
order by scored.distance, scored.embedding_id;
{% endmacro %}

{# The candidates are fetched here and not by INSERT ... EXEC of the other procedure, which may not be
   nested: nobody could then keep the rows of this one. #}
{% macro sqlserver__hybrid_search(settings, training, served) %}
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

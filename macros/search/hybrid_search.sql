{#
  hybrid_search(query_vector, x, y, z, spatial_candidates, final_top_k, filters): as many candidates by
  3-D position as by code, ordered by their full vectors. Each row says how it was found:
  spatial_distance is that of the positions, NULL where the position did not bring it up;
  code_difference the weight of the bits in which its code differs, NULL where the codes did not.
  Positions alone lose most neighbors (model search_quality, method spatial); the codes bring them
  back. A space without codes has candidates by position only.
#}
{% macro hybrid_search(space=none) %}
    {{ hartonomous.only_where('geometry') }}
    {%- set settings = hartonomous.space_settings(space) -%}
    {%- set served = hartonomous.served_setting(space) -%}
    {%- do hartonomous.searched_tables(settings) -%}
    {{ hartonomous.callable('sp_HybridSearch' ~ settings.suffix, [
        {'name': 'query_vector', 'type': 'vector'},
        {'name': 'x', 'type': 'double', 'procedure_name': 'query_spatial_x'},
        {'name': 'y', 'type': 'double', 'procedure_name': 'query_spatial_y'},
        {'name': 'z', 'type': 'double', 'procedure_name': 'query_spatial_z'},
        {'name': 'spatial_candidates', 'type': 'int', 'default': 100},
        {'name': 'final_top_k', 'type': 'int', 'default': 10},
        {'name': 'filters', 'type': 'json', 'default': none},
    ], space) }}
    {{ adapter.dispatch('hybrid_search', 'hartonomous')(settings, hartonomous.space_training(space), served) }}
{% endmacro %}

{% macro duckdb__hybrid_search(settings, training, served) -%}
{%- set vector = hartonomous.to_vector('query_vector', settings.dimension) -%}
with spatial_candidate as materialized (
    select nearby.embedding_id, nearby.distance
    from {{ ref('approx_spatial_search' ~ settings.suffix) }}(x, y, z, spatial_candidates, 0, filters) as nearby
),

{% if training.cells | int == 0 -%}
question as materialized (
    select {{ vector }} as embedding
),

code_candidate as (
    select
        cast(null as integer) as embedding_id,
        cast(null as float) as difference
    where false
),
{%- else -%}
{{ hartonomous.duckdb_passing_ctes(settings, 'filters') }},

{{ hartonomous.question_ctes('(select 0 as query_id, ' ~ vector ~ ' as embedding)', ['query_id'], training, settings) }},

{{ hartonomous.duckdb_candidate_ctes(
    settings, training, none, 'spatial_candidates',
    '(filters is null or coded.embedding_id in (select passing.embedding_id from passing))',
) }},

code_candidate as (
    select candidate.embedding_id, candidate.difference
    from candidate
),
{%- endif %}

found as (
    select
        coalesce(spatial_candidate.embedding_id, code_candidate.embedding_id) as embedding_id,
        spatial_candidate.distance as spatial_distance,
        code_candidate.difference as code_difference
    from spatial_candidate
    full outer join code_candidate
        on code_candidate.embedding_id = spatial_candidate.embedding_id
),

scored as (
    select
        embedding.embedding_id,
        embedding.source_text,
        {{ hartonomous.vector_distance(settings.metric, 'embedding.embedding', 'question.embedding') }} as distance,
        found.spatial_distance,
        found.code_difference
    from {{ ref('embeddings' ~ settings.suffix) }} as embedding
    inner join found
        on found.embedding_id = embedding.embedding_id
    cross join question
    where {{ hartonomous.is_landed(settings, 'embedding') | indent(8) }}
)

select
    scored.embedding_id,
    scored.source_text,
    scored.distance,
    {{ hartonomous.similarity_by("'" ~ settings.metric ~ "'", 'scored.distance') | indent(4) }} as similarity,
    scored.spatial_distance,
    scored.code_difference
from scored
order by scored.distance, scored.embedding_id
limit final_top_k
{%- endmacro %}

{% macro default__hybrid_search(settings, training, served) %}
    {% do return(hartonomous.unsupported('hybrid_search')) %}
{% endmacro %}

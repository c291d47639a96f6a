{#
  exact_vector_search(query_vector, top_k, distance_metric, filters): every vector is compared.
  Returns embedding_id, source_text, distance, similarity, nearest first; ties by embedding_id.

  The second key of ORDER BY also keeps DuckDB's vss from answering out of the HNSW index: its
  optimizer takes over any single-key top-n by a distance, filters and all, and then returns too
  few rows (docs/decisions/0004-exact-means-exact.md).
#}
{% macro exact_vector_search(space=none) %}
    {%- set settings = hartonomous.space_settings(space) -%}
    {{ hartonomous.callable('sp_ExactVectorSearch' ~ settings.suffix, [
        {'name': 'query_vector', 'type': 'vector'},
        {'name': 'top_k', 'type': 'int', 'default': 10},
        {'name': 'distance_metric', 'type': 'key', 'default': 'cosine'},
        {'name': 'filters', 'type': 'json', 'default': none},
    ], space) }}
    {{ adapter.dispatch('exact_vector_search', 'hartonomous')(settings) }}
{% endmacro %}

{% macro default__exact_vector_search(settings) %}
    {{- hartonomous.check_parameters(metric='distance_metric') }}
{{ hartonomous.exact_answer(settings, hartonomous.param('top_k')) }}
{% endmacro %}

{% macro exact_answer(settings, top_k) -%}
select {{ hartonomous.top(top_k) }}
    scored.embedding_id,
    scored.source_text,
    scored.distance,
    {{ hartonomous.similarity_by(hartonomous.param('distance_metric'), 'scored.distance') }} as similarity
from (
    select
        candidate.embedding_id,
        candidate.source_text,
        {{ hartonomous.distance_by(
            hartonomous.param('distance_metric'),
            'candidate.embedding',
            hartonomous.to_vector(hartonomous.param('query_vector'), settings.dimension),
        ) | indent(8) }} as distance
    from {{ ref('embeddings' ~ settings.suffix) }} as candidate
    where {{ hartonomous.is_landed(settings, 'candidate') | indent(8) }}
        and {{ hartonomous.passes_filters('candidate', hartonomous.param('filters')) | indent(8) }}
) as scored
order by scored.distance, scored.embedding_id
{{ hartonomous.limit(top_k) }}
{%- endmacro %}

{#
  Statements that a procedure runs before its SELECT to refuse bad parameters; nothing where a
  callable is one expression (DuckDB: LIMIT and casts refuse them by themselves).
#}
{% macro check_parameters(metric=none, counts=['top_k'], required=['query_vector'], filters=true) %}
    {% do return(adapter.dispatch('check_parameters', 'hartonomous')(metric, counts, required, filters)) %}
{% endmacro %}

{% macro default__check_parameters(metric, counts, required, filters) %}{% endmacro %}

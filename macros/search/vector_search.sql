{#
  vector_search(query_vector, top_k): the nearest vectors by the path that the build's tuning chose for
  this space (model search_settings): all vectors, the codes of all rows, the codes of the nearest
  cells, or, where one is built and meets the target, the engine's vector index (DuckDB). Where more than ten are wanted, probes and candidates grow with them.

  vector_search(query_vector, top_k, filters, max_distance): the nearest of the rows that pass the
  filters (filters.sql), none farther than max_distance; either may be NULL. The codes of the passing
  rows are compared and no others, so the recall holds however few pass; up to filtered_exact_rows of
  them are all compared in full.

  recall_estimate: the share of the exact nearest ten that this setting was measured to find.
  Returns embedding_id, source_text, distance, similarity, recall_estimate, nearest first; ties by
  embedding_id. T-SQL: sp_VectorSearch, one procedure.
#}
{% macro vector_search(space=none) %}
    {%- set settings = hartonomous.space_settings(space) -%}
    {%- set served = hartonomous.served_setting(space) -%}
    {%- do hartonomous.searched_tables(settings) -%}
    {{ hartonomous.callable('sp_VectorSearch' ~ settings.suffix, [
        {'name': 'query_vector', 'type': 'vector'},
        {'name': 'top_k', 'type': 'int', 'default': 10},
    ], space, more=[
        {'name': 'filters', 'type': 'json', 'default': none},
        {'name': 'max_distance', 'type': 'double', 'default': none},
    ]) }}
    {{ adapter.dispatch('vector_search', 'hartonomous')(settings, hartonomous.space_training(space), served) }}
{% endmacro %}

{% macro duckdb__vector_search(settings, training, served) -%}
{{ hartonomous.duckdb_served_search(settings, training, served) }}
{{ hartonomous.next_form() }}
{{ hartonomous.duckdb_filtered_search(settings, training, served) }}
{%- endmacro %}

{% macro duckdb_served_search(settings, training, served) -%}
{%- if served.index_recall is not none -%}
with {{ hartonomous.duckdb_index_ctes(settings, hartonomous.to_vector('query_vector', settings.dimension)) }}
{%- else -%}
with {{ hartonomous.duckdb_served_ctes(hartonomous.duckdb_asked_vector(settings), settings, training, served) }}
{%- endif %}

{{ hartonomous.duckdb_ranked_answer(settings, served.index_recall or served.recall) }}
{%- endmacro %}

{# Without cells there are few rows: all that pass are compared. #}
{% macro duckdb_filtered_search(settings, training, served) -%}
{%- set asked = hartonomous.duckdb_asked_vector(settings) -%}
with {{ hartonomous.duckdb_passing_ctes(settings, 'filters') }},

{% if training.cells | int == 0 -%}
{{ hartonomous.duckdb_exact_ctes(settings, asked, 'embedding.embedding_id in (select passing.embedding_id from passing)') }}
{%- else -%}
{{ hartonomous.question_ctes(asked, ['query_id'], training, settings) }},

{{ hartonomous.duckdb_candidate_ctes(
    settings, training, none,
    'greatest(' ~ hartonomous.candidates_for('top_k', {'candidates': served.codes_candidates}) ~ ', least('
    ~ var('filtered_exact_rows') ~ ', (select count(*) from passing)))',
    'coded.embedding_id in (select passing.embedding_id from passing)',
) }},

{{ hartonomous.duckdb_answer_ctes(settings) }}
{%- endif %}

{{ hartonomous.duckdb_ranked_answer(
    settings,
    1 if training.cells | int == 0
    else 'case when (select count(*) from passing) <= ' ~ var('filtered_exact_rows') ~ ' then 1 else ' ~ served.codes_recall ~ ' end',
    'max_distance is null or answer.distance <= max_distance',
) }}
{%- endmacro %}

{# Removed rows stand in the index until the next build: some more are taken, so that they are not missed.
   At least 51, for up to 50 DuckDB fetches by late materialization: each row a second time, 4 ms in all. #}
{% macro duckdb_index_ctes(settings, vector, answer='answer') -%}
{%- set distance = hartonomous.vector_distance(settings.metric, 'embedding.embedding', vector) -%}
indexed as (
    select
        embedding.embedding_id,
        embedding.source_text,
        {{ distance }} as distance
    from {{ ref('embeddings' ~ settings.suffix) }} as embedding
    order by {{ distance }}
    limit greatest(top_k + 20, 51)
),

{{ answer }} as (
    select
        indexed.embedding_id,
        indexed.source_text,
        indexed.distance
    from indexed
    where {{ hartonomous.is_landed(settings, 'indexed') | indent(8) }}
)
{%- endmacro %}

{% macro duckdb_ranked_answer(settings, recall, condition=none) -%}
select
    answer.embedding_id,
    answer.source_text,
    answer.distance,
    {{ hartonomous.similarity_by("'" ~ settings.metric ~ "'", 'answer.distance') | indent(4) }} as similarity,
    cast({{ recall }} as double) as recall_estimate
from answer
{%- if condition %}
where {{ condition }}
{%- endif %}
order by answer.distance, answer.embedding_id
limit top_k
{%- endmacro %}

{% macro default__vector_search(settings, training, served) %}
    {% do return(hartonomous.unsupported('vector_search')) %}
{% endmacro %}

{# Named where the graph is parsed: which of them a path reads is known only when it is built. #}
{% macro searched_tables(settings) %}
    {% do return({
        'embeddings': ref('embeddings' ~ settings.suffix),
        'cells': ref('cells' ~ settings.suffix),
        'codes': ref('cell_codes' ~ settings.suffix),
        'attributes': ref('embedding_attributes' ~ settings.suffix),
    }) %}
{% endmacro %}

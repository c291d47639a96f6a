{#
  duckdb_served_ctes(rows, settings, training, served, itself=false): CTEs that end with `answer`
  (embedding_id, source_text, distance): the rows nearest to the one question of the relation `rows`
  (query_id, embedding), by the path that the build's tuning chose: all vectors, the codes of all
  rows, or the codes of the nearest cells. `itself`: the question is a row of the space, which the
  caller leaves out, so one candidate more is taken.
#}
{% macro duckdb_served_ctes(rows, settings, training, served, itself=false) -%}
{%- if served.path == 'exact' -%}
{{ hartonomous.duckdb_exact_ctes(settings, rows) }}
{%- else -%}
{{ hartonomous.question_ctes(rows, ['query_id'], training, settings) }},

{{ hartonomous.duckdb_candidate_ctes(
    settings, training,
    none if served.path == 'codes' else hartonomous.probes_for('top_k', served),
    ('1 + ' if itself else '') ~ hartonomous.candidates_for('top_k', served),
    reach=hartonomous.reach_for('top_k', served),
) }},

{{ hartonomous.duckdb_answer_ctes(settings) }}
{%- endif %}
{%- endmacro %}

{# All vectors are compared, or those that the condition, on `embedding`, lets pass. #}
{% macro duckdb_exact_ctes(settings, rows, condition=none) -%}
question as materialized (
    select asked.embedding
    from {{ rows | indent(4) }} as asked
),

answer as (
    select
        embedding.embedding_id,
        embedding.source_text,
        {{ hartonomous.vector_distance(settings.metric, 'embedding.embedding', 'question.embedding') }} as distance
    from {{ ref('embeddings' ~ settings.suffix) }} as embedding
    cross join question
    where {{ hartonomous.is_landed(settings, 'embedding') | indent(8) }}
        {{ 'and ' ~ condition if condition }}
)
{%- endmacro %}

{# The callable's parameter query_vector, as the relation of one question. #}
{% macro duckdb_asked_vector(settings) -%}
    (select 0 as query_id, {{ hartonomous.to_vector('query_vector', settings.dimension) }} as embedding)
{%- endmacro %}

{# Tuned for ten results: for more of them, more cells, farther ones, and as many more candidates. Of real
   texts a reach holds cells by its power 2.5. #}
{% macro probes_for(top_k, served) -%}
    {{ served.probes }} * cast(ceil(sqrt(greatest({{ top_k }}, 10) / 10.0)) as integer)
{%- endmacro %}

{% macro reach_for(top_k, served) -%}
    {{ hartonomous.tuned_reach(served) }} * power(greatest({{ top_k }}, 10) / 10.0, 0.2)
{%- endmacro %}

{# Before the tuning ran there is none: all cells asked for are probed. #}
{% macro tuned_reach(served) -%}
    {{ 'cast(null as double)' if served.reach is none else served.reach }}
{%- endmacro %}

{% macro candidates_for(top_k, served) -%}
    {{ served.candidates }} * ((greatest({{ top_k }}, 10) + 9) // 10)
{%- endmacro %}

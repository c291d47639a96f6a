{#
  semantic_search(text, top_k): from a question to the nearest texts in one statement: the question
  is embedded by the space's own model and searched for as vector_search does, by the path that the
  build's tuning chose. Returns embedding_id, source_text, distance, similarity, recall_estimate,
  nearest first; ties by embedding_id.

  suffix: that of the model's weight tables; space: the embedding space, else the default one. Texts
  that were embedded by another model than the one that is landed would not compare: such a space
  refuses.

  T-SQL: sp_SemanticSearch.
#}
{% macro semantic_search(space=none, model=none, suffix='') %}
    {{ hartonomous.only_where('tokenizers') }}
    {%- set settings = hartonomous.space_settings(space) -%}
    {%- set served = hartonomous.served_setting(space) -%}
    {%- do hartonomous.searched_tables(settings) -%}
    {{ hartonomous.callable('sp_SemanticSearch' ~ settings.suffix, [
        {'name': 'text', 'type': 'text'},
        {'name': 'top_k', 'type': 'int', 'default': 10},
    ], space) }}
    {{ adapter.dispatch('semantic_search', 'hartonomous')(
        settings,
        hartonomous.run_settings(model, suffix),
        hartonomous.inference_weights(suffix),
        hartonomous.space_training(space),
        served,
    ) }}
{% endmacro %}

{% macro duckdb__semantic_search(space, settings, weights, training, served) -%}
{%- set refusal = hartonomous.semantic_search_refusal(space, settings) -%}
{%- if refusal -%}
{{ hartonomous.refuse(refusal, ['embedding_id', 'source_text', 'distance', 'similarity', 'recall_estimate']) }}
{%- else -%}
with recursive input_texts as (
    select cast(0 as bigint) as text_id, cast(text as varchar) as text
),

{{ hartonomous.embedding_ctes(settings, weights) }},

{{ hartonomous.duckdb_served_ctes(
    '(select pooled.text_id as query_id, ' ~ hartonomous.to_vector('pooled.embedding', space.dimension) ~ ' as embedding from pooled_texts as pooled)',
    space, training, served,
) }}

{{ hartonomous.duckdb_ranked_answer(space, served.recall) }}
{%- endif %}
{%- endmacro %}

{# The model must be the one whose vectors the space holds. #}
{% macro semantic_search_refusal(space, settings) %}
    {%- set spaces = source('raw', 'spaces') -%}
    {% if not execute %}
        {% do return('') %}
    {% endif %}
    {%- set found = run_query(
        'select model_id, model_name from ' ~ spaces ~ ' where space_id = ' ~ hartonomous.text_literal(space.space_id)
    ) -%}
    {% if found is none or found.rows | length == 0 %}
        {% do return('no texts are landed') %}
    {% elif found.rows[0][0] != settings.model_id %}
        {% do return('the texts of ' ~ space.space_id ~ ' were embedded by ' ~ found.rows[0][1]
            ~ ', which is not landed: `hartonomous ingest model` lands it') %}
    {% endif %}
    {% do return(hartonomous.embedding_refusal(settings)) %}
{% endmacro %}

{% macro default__semantic_search(space, settings, weights, training, served) %}
    {% do return(hartonomous.unsupported('semantic_search')) %}
{% endmacro %}

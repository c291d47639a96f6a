{#
  similarity_calibration(space): mean and standard deviation of the similarity between the tuning's queries
  and rows drawn by a hash of their key, the same at every build. They turn a similarity into how
  unusual it is, (similarity - mean) / sd, which compares across models: one's cosines begin at 0.7,
  another's at 0. Kept until the tuning's queries change.
#}
{% macro similarity_calibration(space=none) %}
    {{ hartonomous.only_where('vector') }}
    {{ hartonomous.tuning_table(space, 'behind_queries') }}
    {%- set settings = hartonomous.space_settings(space) -%}
    {%- set embeddings = ref('embeddings' ~ settings.suffix) -%}
    {%- set behind = hartonomous.behind_queries(space) -%}
select
    measured.tuning_key,
    avg(measured.similarity) as mean_similarity,
    {{ hartonomous.standard_deviation('measured.similarity') }} as sd_similarity,
    count(*) as pairs
from (
    select
        pair.tuning_key,
        {{ hartonomous.similarity_by("'" ~ settings.metric ~ "'", 'pair.distance') | indent(8) }} as similarity
    from (
        select
            query.tuning_key,
            cast({{ hartonomous.vector_distance(settings.metric, 'embedding.embedding', 'query.embedding') }} as {{ hartonomous.sql_type('double') }}) as distance
        from {{ embeddings }} as embedding
        inner join (
            {{ hartonomous.drawn_rows(embeddings, 'embedding_id', var('calibration_rows')) | indent(12) }}
        ) as drawn
            on drawn.embedding_id = embedding.embedding_id
        cross join {{ ref('tuning_queries' ~ settings.suffix) }} as query
        where (query.own_id is null or query.own_id <> embedding.embedding_id)
            and {{ '1 = 1' if behind else '1 = 0' }}
    ) as pair
) as measured
group by measured.tuning_key
{% endmacro %}

{#
  lexical_calibration(): the same for the similarity of lexical_search, over texts that share a word with
  the question; most texts share none. For questions, words of drawn texts: eight of each.
#}
{% macro lexical_calibration() %}
    {{ config(enabled=hartonomous.searches_words(), materialized='table') }}
    {%- set texts = ref('lexical_texts') -%}
with drawn_text as {{ hartonomous.as_materialized() }}(
    {{ hartonomous.drawn_rows(texts, 'text_number', var('calibration_rows')) | indent(4) }}
),

asking_text as {{ hartonomous.as_materialized() }}(
    {{ hartonomous.drawn_rows(texts, 'text_number', var('tuning_queries')) | indent(4) }}
),

said_word as (
    select
        posting.text_number as query_id,
        posting.term,
        row_number() over (
            partition by posting.text_number
            order by {{ hartonomous.sha256_hex('posting.term') }}
        ) as place
    from {{ ref('lexical_terms') }} as posting
    where posting.text_number in (select asking_text.text_number from asking_text)
),

asked_word as {{ hartonomous.as_materialized() }}(
    select
        said_word.query_id,
        said_word.term
    from said_word
    where said_word.place <= 8
),

{{ hartonomous.bm25_ctes('asked_word', 'drawn_text') }}

select
    avg(measured.similarity) as mean_similarity,
    {{ hartonomous.standard_deviation('measured.similarity') }} as sd_similarity,
    count(*) as pairs
from (
    select lexical_score.score / lexical_bound.bound as similarity
    from lexical_score
    inner join lexical_bound
        on lexical_bound.query_id = lexical_score.query_id
    where lexical_score.text_number <> lexical_score.query_id
) as measured
{% endmacro %}

{# The keys of `count` rows, drawn by a hash. #}
{% macro drawn_rows(relation, key, count) -%}
select {{ hartonomous.top(count) }} stored.{{ key }}
from {{ relation }} as stored
order by {{ hartonomous.drawn('stored.' ~ key) }}, stored.{{ key }}
{{ hartonomous.limit(count) }}
{%- endmacro %}

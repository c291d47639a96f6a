{#
  lexical_search(query_text, top_k): the texts that share words with the question, by BM25 (bm25.sql).
  Returns text_id, source_text, score, similarity, best first; ties by text_id. `similarity` is the
  score's share of what no text can reach, 0 to 1: unlike the score it compares across questions.
  A question without words, or NULL, finds nothing. T-SQL: sp_LexicalSearch.
#}
{% macro lexical_search() %}
    {{ hartonomous.callable('sp_LexicalSearch', [
        {'name': 'query_text', 'type': 'text'},
        {'name': 'top_k', 'type': 'int', 'default': 10},
    ]) }}
    {{ config(enabled=hartonomous.searches_words()) }}
    {{ adapter.dispatch('lexical_search', 'hartonomous')() }}
{% endmacro %}

{% macro duckdb__lexical_search() -%}
with asked_word as materialized (
    select distinct
        0 as query_id,
        word.term
    from (
        {{ hartonomous.lexical_words('(select cast(query_text as varchar) as text)', []) | indent(8) }}
    ) as word
),

{{ hartonomous.bm25_ctes('asked_word') }},

{{ hartonomous.nearest_by_words('top_k') }}

{{ hartonomous.nearest_texts() }}
{%- endmacro %}

{#
  CTE `nearest` (text_id, score, similarity): the best of lexical_score. A removed text is left out at once:
  as many more scores are looked at as removals are noted, and only those texts are looked up by their
  long ids.
#}
{% macro nearest_by_words(top_k) -%}
best_score as {{ hartonomous.as_materialized() }}(
    select
        lexical_score.query_id,
        lexical_score.text_number,
        lexical_score.score
    from lexical_score
    where lexical_score.score >= (
        select min(ranked.score)
        from (
            select
                each_score.score,
                row_number() over (order by each_score.score desc) as place
            from lexical_score as each_score
        ) as ranked
        where ranked.place <= {{ top_k }} + (select count(*) from {{ source('raw', 'removed_embeddings') }})
    )
),

nearest as {{ hartonomous.as_materialized() }}(
    select {{ hartonomous.top(top_k) }}
        known.text_id,
        best_score.score,
        best_score.score / lexical_bound.bound as similarity
    from best_score
    inner join lexical_bound
        on lexical_bound.query_id = best_score.query_id
    inner join {{ ref('lexical_texts') }} as known
        on known.text_number = best_score.text_number
    where exists (
        select 1
        from {{ source('raw', 'texts') }} as landed
        where landed.text_id = known.text_id
    )
    order by best_score.score desc, known.text_id asc
    {{ hartonomous.limit(top_k) }}
)
{%- endmacro %}

{# The rows of `nearest` with their texts, best first. #}
{% macro nearest_texts() -%}
select
    nearest.text_id,
    landed.text as source_text,
    nearest.score,
    nearest.similarity
from nearest
inner join {{ source('raw', 'texts') }} as landed
    on landed.text_id = nearest.text_id
order by nearest.score desc, nearest.text_id asc
{%- endmacro %}

{% macro sqlserver__lexical_search() -%}
{{ hartonomous.check_parameters(required=[], filters=false) }}
{{ hartonomous.tsql_asked_words() }}
{{ hartonomous.sqlserver_returned_texts('similarity', 'double') }}
with {{ hartonomous.bm25_ctes('#asked_word') }},

{{ hartonomous.nearest_by_words('@kept_k') }}

insert into #returned (text_id, source_text, score, similarity)
{{ hartonomous.nearest_texts() }};

{{ hartonomous.sqlserver_return_texts(
    'lexical', [], {'top_k': '@top_k'}, 'similarity', 'kept.similarity', text="coalesce(@query_text, '')"
) }}
{%- endmacro %}

{# #asked_word: the distinct words of @query_text. #}
{% macro tsql_asked_words() -%}
create table #asked_word (
    query_id int not null,
    term {{ hartonomous.sql_type('key') }} collate Latin1_General_100_BIN2 not null,
    primary key (query_id, term)
);
insert into #asked_word (query_id, term)
select distinct
    0 as query_id,
    word.term
from (
    {{ hartonomous.lexical_words('(select @query_text as text)', []) | indent(4) }}
) as word;
{%- endmacro %}

{% macro default__lexical_search() %}
    {% do return(hartonomous.unsupported('lexical_search')) %}
{% endmacro %}

{#
  bm25_ctes(asked, only): CTEs that score texts by the words that they share with a query: BM25 with k1 = 1.2
  and b = 0.75 (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and
  Beyond"). Of a word that n of N texts hold, the weight is ln(1 + (N - n + 0.5) / (n + 0.5)), the form
  that is never negative; a word that the query says twice counts once.

  asked   a relation (query_id, term), distinct
  only    a relation (text_number) of the texts that are scored; without it all

  lexical_score (query_id, text_number, score)
  lexical_bound (query_id, bound)   what no text's score reaches: (k1 + 1) * the sum of the weights
#}
{% macro bm25_ctes(asked, only=none) -%}
{%- set k1, b = 1.2, 0.75 -%}
{%- set double = hartonomous.sql_type('double') -%}
term_count as {{ hartonomous.as_materialized() }}(
    select
        posting.term,
        count(*) as texts
    from {{ ref('lexical_terms') }} as posting
    where posting.term in (select asked.term from {{ asked }} as asked)
    group by posting.term
),

collection as {{ hartonomous.as_materialized() }}(
    select
        count(*) as texts,
        avg(cast(known.length as {{ double }})) as mean_length
    from {{ ref('lexical_texts') }} as known
),

asked_weight as {{ hartonomous.as_materialized() }}(
    select
        asked.query_id,
        asked.term,
        collection.mean_length,
        {{ hartonomous.natural_logarithm(
            '1 + (collection.texts - coalesce(term_count.texts, 0) + cast(0.5 as ' ~ double ~ '))'
            ~ ' / (coalesce(term_count.texts, 0) + cast(0.5 as ' ~ double ~ '))'
        ) }} as weight
    from {{ asked }} as asked
    cross join collection
    left join term_count
        on term_count.term = asked.term
),

lexical_bound as {{ hartonomous.as_materialized() }}(
    select
        asked_weight.query_id,
        cast({{ k1 + 1 }} as {{ double }}) * sum(asked_weight.weight) as bound
    from asked_weight
    group by asked_weight.query_id
),

lexical_score as {{ hartonomous.as_materialized() }}(
    select
        asked_weight.query_id,
        posting.text_number,
        sum(
            asked_weight.weight * cast({{ k1 + 1 }} as {{ double }}) * posting.occurrences
            / (
                posting.occurrences
                + cast({{ k1 }} as {{ double }}) * (
                    cast({{ 1 - b }} as {{ double }})
                    + cast({{ b }} as {{ double }}) * posting.length / asked_weight.mean_length
                )
            )
        ) as score
    from asked_weight
    inner join {{ ref('lexical_terms') }} as posting
        on posting.term = asked_weight.term
    {%- if only %}
    where posting.text_number in (select scored.text_number from {{ only }} as scored)
    {%- endif %}
    group by asked_weight.query_id, posting.text_number
)
{%- endmacro %}

{% macro natural_logarithm(expression) %}
    {% do return(adapter.dispatch('natural_logarithm', 'hartonomous')(expression)) %}
{% endmacro %}

{# DuckDB's log is the decimal one. #}
{% macro duckdb__natural_logarithm(expression) -%}
    ln({{ expression }})
{%- endmacro %}

{% macro default__natural_logarithm(expression) -%}
    log({{ expression }})
{%- endmacro %}

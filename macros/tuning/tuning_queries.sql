{#
  tuning_queries(space): the queries that a space is tuned with, as questions: half of them choose the
  setting (part 0), the other half report what it does (part 1).
#}
{% macro tuning_queries(space=none) %}
    {{ hartonomous.only_where('vector') }}
    {{ hartonomous.tuning_table(space, 'tuning_due') }}
    {%- set settings = hartonomous.space_settings(space) -%}
    {%- set training = hartonomous.space_training(space) -%}
    {%- set state = hartonomous.tuning_state(space) -%}
    {%- set embeddings = ref('embeddings' ~ settings.suffix) -%}
with {{ hartonomous.question_ctes('(' ~ hartonomous.tuning_query_rows(settings, state, embeddings) ~ ')', ['query_id', 'own_id'], training, settings) }}

select
    question.*,
    question.query_id % 2 as part,
    {{ hartonomous.text_literal(hartonomous.tuning_key(state)) }} as tuning_key
from question
where {{ '1 = 1' if hartonomous.tuning_due(space) else '1 = 0' }}
{% endmacro %}

{# (query_id, own_id, embedding): drawn by a hash of the key, the same at every build. #}
{% macro tuning_query_rows(settings, state, embeddings) -%}
{%- set count = hartonomous.tuning_query_count(state) -%}
{%- if state.query_source == 'held_out' %}
select {{ hartonomous.top(count) }}
    numbered.query_id,
    cast(null as {{ hartonomous.sql_type('int') }}) as own_id,
    {{ hartonomous.to_vector('numbered.vector', settings.dimension) }} as embedding
from {{ hartonomous.numbered_queries(settings, source('raw', 'queries')) }} as numbered
order by numbered.query_id
{{ hartonomous.limit(count) }}
{%- else %}
select {{ hartonomous.top(count) }}
    row_number() over (order by {{ hartonomous.drawn('stored.embedding_id') }}, stored.embedding_id) as query_id,
    stored.embedding_id as own_id,
    stored.embedding
from {{ embeddings }} as stored
order by {{ hartonomous.drawn('stored.embedding_id') }}, stored.embedding_id
{{ hartonomous.limit(count) }}
{%- endif %}
{%- endmacro %}

{# The landed queries with the numbers that the tuning knows them by, from 1. #}
{% macro numbered_queries(settings, landed) -%}
(
    select
        landed.query_id as landed_id,
        row_number() over (order by landed.query_id) as query_id,
        landed.vector
    from {{ landed }} as landed
    where landed.space_id = {{ hartonomous.text_literal(settings.space_id) }}
)
{%- endmacro %}

{# Knuth's multiplicative hash, in the arithmetic that every engine has. #}
{% macro drawn(key) -%}
    (cast({{ key }} as {{ hartonomous.sql_type('bigint') }}) * 2654435761) % 4294967296
{%- endmacro %}

{# The more queries, the surer the measured recall, and the longer the build: each row of the space that
   stands in for a query is compared with every other. A large space is tuned with fewer of those. #}
{% macro tuning_query_count(state) %}
    {%- set compared = [128, 256000000 // ([state.space_rows, 1] | max)] | max -%}
    {% do return(var('tuning_queries') if state.query_source == 'held_out' else [var('tuning_queries'), compared] | min) %}
{% endmacro %}

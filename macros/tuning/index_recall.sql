{#
  index_recall(settings): the recall@10 of the engine's approximate index on the tuning queries, as a SELECT
  of one row (recall, standard_error), NULL where there is no index that vector_search could go by.
  Nothing is chosen by them, so that all report. Each query is a statement of its own: joined queries
  would bypass the index. Only landed queries tell: a row of the space stands in the graph itself,
  which finds its own neighbors far better than a stranger's.
#}
{% macro index_recall(settings) %}
    {%- set callable = hartonomous.index_callable(settings) -%}
    {%- set queries = ref('tuning_queries' ~ settings.suffix) -%}
    {%- set neighbors = ref('tuning_neighbors' ~ settings.suffix) -%}
    {%- set embeddings = ref('embeddings' ~ settings.suffix) -%}
    {%- set state = namespace(asked=0, recalls=0.0, squares=0.0) -%}
    {% if execute and callable and hartonomous.has_vector_index(embeddings) %}
        {%- set truth = {} -%}
        {% for row in run_query('select query_id, embedding_id from ' ~ neighbors).rows %}
            {% do truth.setdefault(row[0] | int, []).append(row[1] | int) %}
        {% endfor %}
        {%- set asked = run_query(
            'select query_id, ' ~ hartonomous.vector_text('embedding') ~ ' from ' ~ queries ~ ' where own_id is null'
        ) -%}
        {% for query in asked.rows %}
            {%- set found = run_query(hartonomous.call(callable, ["'" ~ query[1] ~ "'", 10])) -%}
            {%- set ids = found.columns[0].values() | map('int') | list -%}
            {%- set relevant = truth.get(query[0] | int, []) -%}
            {%- set recall = (ids | select('in', relevant) | list | length) / ([relevant | length, 1] | max) -%}
            {%- set state.asked = state.asked + 1 -%}
            {%- set state.recalls = state.recalls + recall -%}
            {%- set state.squares = state.squares + recall * recall -%}
        {% endfor %}
    {% endif %}
    {%- set recall = state.recalls / state.asked if state.asked else none -%}
    {%- set error = none -%}
    {% if state.asked > 1 %}
        {%- set error = ([(state.squares - state.asked * recall * recall) / (state.asked - 1), 0.0] | max / state.asked) ** 0.5 -%}
    {% endif %}
    {%- set double = hartonomous.sql_type('double') -%}
    {% do return(
        'select cast(' ~ hartonomous.parameter_literal(recall) ~ ' as ' ~ double ~ ') as recall, cast('
        ~ hartonomous.parameter_literal(error) ~ ' as ' ~ double ~ ') as standard_error'
    ) %}
{% endmacro %}

{# The callable that answers by the index, where vector_search may stand in for it. #}
{% macro index_callable(settings) %}
    {% do return(adapter.dispatch('index_callable', 'hartonomous')(settings)) %}
{% endmacro %}

{% macro duckdb__index_callable(settings) %}
    {% do return(ref('vector_index_search' ~ settings.suffix)) %}
{% endmacro %}

{# sp_VectorSearch goes by cells and codes only: DiskANN takes TOP_N of all rows, removed ones too. #}
{% macro default__index_callable(settings) %}
    {% do return(none) %}
{% endmacro %}

{% macro has_vector_index(relation) %}
    {% do return(adapter.dispatch('has_vector_index', 'hartonomous')(relation)) %}
{% endmacro %}

{% macro duckdb__has_vector_index(relation) %}
    {%- set found = run_query(
        'select count(*) from duckdb_indexes() where index_name = '
        ~ hartonomous.text_literal(hartonomous.index_name(relation, 'embedding', 'hnsw'))
    ) -%}
    {% do return(found.rows[0][0] | int > 0) %}
{% endmacro %}

{% macro default__has_vector_index(relation) %}
    {% do return(false) %}
{% endmacro %}

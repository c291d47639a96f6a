{#
  neighbors(of_embedding, top_k): the rows nearest to a row of the space, itself left out, by the path
  that vector_search takes. Returns embedding_id, source_text, distance, similarity, recall_estimate.
  T-SQL: sp_Neighbors.
#}
{% macro neighbors(space=none) %}
    {{ hartonomous.only_where('vector') }}
    {%- set settings = hartonomous.space_settings(space) -%}
    {%- set served = hartonomous.served_setting(space) -%}
    {%- do hartonomous.searched_tables(settings) -%}
    {{ hartonomous.callable('sp_Neighbors' ~ settings.suffix, [
        {'name': 'of_embedding', 'type': 'int'},
        {'name': 'top_k', 'type': 'int', 'default': 10},
    ], space) }}
    {{ adapter.dispatch('neighbors', 'hartonomous')(settings, hartonomous.space_training(space), served) }}
{% endmacro %}

{% macro duckdb__neighbors(settings, training, served) -%}
{%- set row = '(\n    select 0 as query_id, stored.embedding\n    from ' ~ ref('embeddings' ~ settings.suffix)
    ~ ' as stored\n    where stored.embedding_id = of_embedding\n)' -%}
with {{ hartonomous.duckdb_served_ctes(row, settings, training, served, itself=true) }}

{{ hartonomous.duckdb_ranked_answer(settings, served.recall, 'answer.embedding_id <> of_embedding') }}
{%- endmacro %}

{% macro default__neighbors(settings, training, served) %}
    {% do return(hartonomous.unsupported('neighbors')) %}
{% endmacro %}

{# The row itself may be missing from its own answer, where another row is as near. #}
{% macro sqlserver__neighbors(settings, training, served) %}
    {{- hartonomous.check_parameters(required=['of_embedding'], filters=false) }}
declare @query_vector {{ hartonomous.sql_type('vector', settings.dimension) }} = (
    select stored.embedding
    from {{ ref('embeddings' ~ settings.suffix) }} as stored
    where stored.embedding_id = @of_embedding
);
{{ hartonomous.sqlserver_returned_table() }}
declare @wanted int = @kept_k + 1;
{{ hartonomous.sqlserver_answer_table('#answer') }}
if @query_vector is not null
    insert into #answer (embedding_id, source_text, distance, similarity, recall_estimate)
    exec {{ ref('vector_search' ~ settings.suffix) }} @query_vector = @query_vector, @top_k = @wanted, @log_inference = 0;

insert into #returned (embedding_id, source_text, distance, similarity, recall_estimate)
select
    answer.embedding_id,
    answer.source_text,
    answer.distance,
    answer.similarity,
    answer.recall_estimate
from #answer as answer
where answer.embedding_id <> @of_embedding;

{{ hartonomous.sqlserver_return('neighbors', settings, {'top_k': '@top_k', 'of_embedding': '@of_embedding'}, ['similarity', 'recall_estimate']) }}
{% endmacro %}

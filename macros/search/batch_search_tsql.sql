{#
  sp_BatchSearch: batch_search.sql in T-SQL, where a procedure cannot be given a table's name: the queries
  come as JSON, [{"query_id": 1, "embedding": [0.1, ...]}, ...], and sp_VectorSearch answers each.
#}
{% macro sqlserver__batch_search(settings, training, served) %}
    {{- hartonomous.check_parameters(required=['queries'], filters=false) }}
if isjson(@queries) = 0 throw 50000, 'queries must be a JSON array of {query_id, embedding}', 1;
create table #query (
    place int not null primary key,
    query_id bigint null,
    embedding {{ hartonomous.sql_type('vector', settings.dimension) }} null
);
{{ hartonomous.sqlserver_answer_table('#answer') }}
{{ hartonomous.sqlserver_answer_table('#answers', key='query_id bigint null') }}
insert into #query (place, query_id, embedding)
select
    cast(entry.[key] as int) + 1 as place,
    cast(json_value(entry.value, '$.query_id') as bigint) as query_id,
    cast(json_query(entry.value, '$.embedding') as {{ hartonomous.sql_type('vector', settings.dimension) }}) as embedding
from openjson(@queries) as entry;

declare @place int = 1;
declare @last int = (select max(query.place) from #query as query);
declare @query_vector {{ hartonomous.sql_type('vector', settings.dimension) }};
while @place <= @last
begin
    set @query_vector = (select query.embedding from #query as query where query.place = @place);
    truncate table #answer;
    insert into #answer (embedding_id, source_text, distance, similarity, recall_estimate)
    exec {{ ref('vector_search' ~ settings.suffix) }} @query_vector = @query_vector, @top_k = @top_k;

    insert into #answers (query_id, embedding_id, source_text, distance, similarity, recall_estimate)
    select
        query.query_id,
        answer.embedding_id,
        answer.source_text,
        answer.distance,
        answer.similarity,
        answer.recall_estimate
    from #answer as answer
    cross join #query as query
    where query.place = @place;
    set @place = @place + 1;
end

select
    answers.query_id,
    answers.embedding_id,
    answers.source_text,
    answers.distance,
    answers.similarity,
    answers.recall_estimate
from #answers as answers
order by answers.query_id, answers.distance, answers.embedding_id;
{% endmacro %}

{# What sp_VectorSearch returns, as a temporary table to insert its rows into; `key`: a column before them. #}
{% macro sqlserver_answer_table(name, key=none) -%}
create table {{ name }} (
    {%- if key %}
    {{ key }},
    {%- endif %}
    embedding_id int not null,
    source_text {{ hartonomous.sql_type('text') }} null,
    distance float null,
    similarity float null,
    recall_estimate float null
);
{%- endmacro %}

{#
  sp_SemanticSearch: semantic_search.sql on SQL Server: the question is embedded, then
  sp_VectorSearch answers.
#}
{% macro sqlserver__semantic_search(space, settings, weights, training, served) -%}
{%- set refusal = hartonomous.semantic_search_refusal(space, settings) -%}
{%- if refusal -%}
{{ hartonomous.sqlserver_refuse(refusal) }}
{%- else -%}
{{ hartonomous.check_parameters(counts=['top_k'], required=['text'], filters=false) }}

{{ hartonomous.sqlserver_encoding(settings, settings.max_tokens) }}
insert into #input_texts (text_id, text) values (0, @text);
{{ hartonomous.sqlserver_pooled_texts(settings, weights) }}

declare @question {{ hartonomous.sql_type('vector', space.dimension) }} = (
    select {{ hartonomous.to_vector('pooled.embedding', space.dimension) }}
    from #pooled_texts as pooled
);
{{ hartonomous.sqlserver_returned_table() }}
declare @wanted int = @kept_k;
insert into #returned (embedding_id, source_text, distance, similarity, recall_estimate)
exec {{ ref('vector_search' ~ space.suffix) }} @query_vector = @question, @top_k = @wanted, @log_inference = 0;

{{ hartonomous.sqlserver_return('auto', space, {'top_k': '@top_k'}, ['similarity', 'recall_estimate'], text='@text') }}
{%- endif %}
{%- endmacro %}

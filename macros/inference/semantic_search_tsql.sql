{#
  sp_SemanticSearch: semantic_search.sql on SQL Server: the question is embedded, then compared with
  every vector of the space.
#}
{% macro sqlserver__semantic_search(space, settings, weights, embeddings) -%}
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
select top (@top_k)
    scored.embedding_id,
    scored.source_text,
    scored.distance,
    {{ hartonomous.similarity_by("'" ~ space.metric ~ "'", 'scored.distance') | indent(4) }} as similarity
from (
    select
        candidate.embedding_id,
        candidate.source_text,
        {{ hartonomous.vector_distance(space.metric, 'candidate.embedding', '@question') }} as distance
    from {{ embeddings }} as candidate
) as scored
order by scored.distance, scored.embedding_id;
{%- endif %}
{%- endmacro %}

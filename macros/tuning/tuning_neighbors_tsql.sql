{# tuning_neighbor_rows in T-SQL: one top ten a query, which sorts no more than ten rows at a time. #}
{% macro sqlserver__tuning_neighbor_rows(settings, embeddings, queries, condition) -%}
select
    query.query_id,
    query.tuning_key,
    nearest.embedding_id
from {{ queries }} as query
cross apply (
    select top (10) embedding.embedding_id
    from {{ embeddings }} as embedding
    where query.own_id is null or embedding.embedding_id <> query.own_id
    order by {{ hartonomous.vector_distance(settings.metric, 'embedding.embedding', 'query.embedding') }}, embedding.embedding_id
) as nearest
where {{ condition }}
{%- endmacro %}

{# tuning_neighbors(space): the exact ten nearest rows of every tuning query. #}
{% macro tuning_neighbors(space=none) %}
    {{ hartonomous.only_where('vector') }}
    {{ hartonomous.tuning_table(space, 'behind_queries') }}
    {%- set settings = hartonomous.space_settings(space) -%}
    {{ adapter.dispatch('tuning_neighbor_rows', 'hartonomous')(
        settings,
        ref('embeddings' ~ settings.suffix),
        ref('tuning_queries' ~ settings.suffix),
        '1 = 1' if hartonomous.behind_queries(space) else '1 = 0',
    ) }}
{% endmacro %}

{% macro duckdb__tuning_neighbor_rows(settings, embeddings, queries, condition) -%}
select
    compared.query_id,
    compared.tuning_key,
    unnest(min_by(compared.embedding_id, compared.distance, 10)) as embedding_id
from (
    select
        query.query_id,
        query.tuning_key,
        embedding.embedding_id,
        {{ hartonomous.vector_distance(settings.metric, 'embedding.embedding', 'query.embedding') }} as distance
    from {{ embeddings }} as embedding
    cross join {{ queries }} as query
    where embedding.embedding_id is distinct from query.own_id
        and {{ condition }}
) as compared
group by compared.query_id, compared.tuning_key
{%- endmacro %}

{% macro default__tuning_neighbor_rows(settings, embeddings, queries, condition) %}
    {% do return(hartonomous.unsupported('tuning')) %}
{% endmacro %}

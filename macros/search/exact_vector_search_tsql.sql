{#
  exact_vector_search in Fabric Warehouse, which has no vectors: the query's numbers, opened from JSON
  text, are joined to those of each vector (model embedding_values). Unfiltered searches are a
  statement of their own, which a distributed engine plans easily.
#}
{% macro sqlserver__exact_vector_search(settings) %}
    {{- hartonomous.check_parameters(metric='distance_metric') }}
{{ hartonomous.sqlserver_returned_table() }}
insert into #returned (embedding_id, source_text, distance, similarity)
{{ hartonomous.exact_answer(settings, '@kept_k') }};

{{ hartonomous.sqlserver_return('exact', settings, {
    'top_k': '@top_k', 'metric': '@distance_metric', 'filters': '@filters',
}, ['similarity']) }}
{% endmacro %}

{% macro fabric__exact_vector_search(settings) %}
    {{- hartonomous.check_parameters(metric='distance_metric') }}
{{ hartonomous.fabric_check_vector(settings) }}

if @filters is null
begin
    {{ hartonomous.fabric_nearest(settings, none) | indent(4) }}
end
else
begin
    {{ hartonomous.fabric_nearest(settings, hartonomous.passes_filters('candidate', '@filters')) | indent(4) }}
end
{% endmacro %}

{% macro fabric_nearest(settings, condition) -%}
with sums as (
    select
        stored.embedding_id,
        sum(stored.value * asked.value) as products,
        sum(square(stored.value)) as stored_squares,
        sum(square(asked.value)) as asked_squares,
        sum(square(stored.value - asked.value)) as difference_squares
    from (
        select
            cast(entry.[key] as int) as dim,
            cast(entry.value as float) as value
        from openjson(@query_vector) as entry
    ) as asked
    inner join {{ ref('embedding_values' ~ settings.suffix) }} as stored
        on stored.dim = asked.dim
    group by stored.embedding_id
),

scored as (
    select
        candidate.embedding_id,
        candidate.source_text,
        case @distance_metric
            when 'cosine' then 1 - sums.products / nullif(sqrt(sums.stored_squares * sums.asked_squares), 0)
            when 'euclidean' then sqrt(sums.difference_squares)
            when 'dot' then -sums.products
        end as distance
    from {{ ref('embeddings' ~ settings.suffix) }} as candidate
    inner join sums
        on sums.embedding_id = candidate.embedding_id
    where {{ hartonomous.is_landed(settings, 'candidate') | indent(8) }}
        {%- if condition %}
        and {{ condition | indent(8) }}
        {%- endif %}
)

select top (@top_k)
    scored.embedding_id,
    scored.source_text,
    scored.distance,
    {{ hartonomous.similarity_by('@distance_metric', 'scored.distance') | indent(4) }} as similarity
from scored
order by scored.distance, scored.embedding_id;
{%- endmacro %}

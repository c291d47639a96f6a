{#
  search_quality(space): recall@10, precision and latency of every search method, against exact
  search over the same table.
#}
{% macro search_quality(space=none) %}
    {{ hartonomous.only_where('vector_index') }}
    {{ config(materialized='table', tags=['report']) }}
with ranked as (
    select
        measured.*,
        row_number() over (partition by measured.method order by measured.elapsed_ms) as place,
        count(*) over (partition by measured.method) as query_count
    from {{ ref('search_measurements' ~ hartonomous.space_suffix(space)) }} as measured
    where measured.relevant > 0
)

select
    ranked.space_id,
    ranked.method,
    ranked.query_source,
    count(*) as queries,
    1.0 * sum(ranked.hits) / sum(ranked.relevant) as recall_at_10,
    1.0 * sum(ranked.hits) / nullif(sum(ranked.returned), 0) as precision_at_10,
    max(case when 2 * ranked.place <= ranked.query_count + 1 then ranked.elapsed_ms end) as p50_ms,
    max(case when 100 * ranked.place <= 95 * ranked.query_count + 99 then ranked.elapsed_ms end) as p95_ms,
    max(ranked.reference_error) as reference_error
from ranked
group by ranked.space_id, ranked.method, ranked.query_source
{% endmacro %}

{#
  search_settings(space): the one setting that vector_search serves: of those whose recall on the
  choosing queries is above target_recall by a standard error, the cheapest. Exact search always
  qualifies. cells_*: the same choice among the cells, by which cell_search goes where another path is
  served; codes_*: among the codes of all rows, by which filtered searches go. Where none of a path
  meets the target, it is the one that comes nearest. index_recall: what the engine's own index finds of
  the tuning queries' neighbors, NULL where there is none; vector_search goes by it where that is above
  the target by a standard error. `recall` is that of the reporting queries, which had no part in the choice.
#}
{% macro search_settings(space=none) %}
    {{ hartonomous.only_where('vector') }}
    {{ config(materialized='table', tags=['space', 'tuning']) }}
    {%- set settings = hartonomous.space_settings(space) -%}
with judged as (
    select
        curve.*,
        case when curve.path = 'exact' or curve.recall_choosing - curve.standard_error >= {{ var('target_recall') }} then 1 else 0 end as meets,
        -- milliseconds are not compared with a model of them
        case when count(curve.p50_ms) over () = 0 or curve.p50_ms is not null then 1 else 0 end as comparable
    from {{ ref('search_curve' ~ settings.suffix) }} as curve
)

select
    chosen.path,
    chosen.probes,
    chosen.reach,
    chosen.candidates,
    chosen.queries,
    chosen.recall,
    chosen.recall_choosing,
    chosen.standard_error,
    chosen.rows_compared,
    chosen.rows_reranked,
    chosen.cost,
    cells.probes as cells_probes,
    cells.reach as cells_reach,
    cells.candidates as cells_candidates,
    cells.recall as cells_recall,
    codes.candidates as codes_candidates,
    codes.recall as codes_recall,
    index_recall.recall as index_recall,
    index_recall.standard_error as index_standard_error,
    cast({{ var('target_recall') }} as {{ hartonomous.sql_type('double') }}) as target_recall
from (
    select
        judged.*,
        row_number() over (order by judged.cost, judged.path, judged.probes, judged.candidates) as place
    from judged
    where judged.meets = 1 and judged.comparable = 1
) as chosen
left join (
    select
        judged.*,
        row_number() over (order by {{ hartonomous.best_of_path('judged.comparable desc, judged.cost, judged.probes, judged.candidates') }}) as place
    from judged
    where judged.path = 'cells'
) as cells
    on cells.place = 1
left join (
    select
        judged.*,
        row_number() over (order by {{ hartonomous.best_of_path('judged.candidates') }}) as place
    from judged
    where judged.path = 'codes'
) as codes
    on codes.place = 1
cross join (
    {{ hartonomous.index_recall(settings) | indent(4) }}
) as index_recall
where chosen.place = 1
{% endmacro %}

{# Those that meet the target come first, in the order of their price; of the others the best. #}
{% macro best_of_path(price) -%}
    judged.meets desc, case when judged.meets = 0 then judged.recall_choosing end desc, {{ price }}
{%- endmacro %}

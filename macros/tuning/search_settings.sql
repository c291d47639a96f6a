{#
  search_settings(space): the one setting that vector_search serves: of those whose recall on the
  choosing queries is above target_recall by a standard error, the cheapest. Exact search always
  qualifies. codes_candidates and codes_recall: the same choice among the codes of all rows, by which
  filtered searches go. index_recall: what the engine's own index finds of the tuning queries'
  neighbors, NULL where there is none; vector_search goes by it where that is above the target by a
  standard error. `recall` is that of the reporting queries, which had no part in the choice.
#}
{% macro search_settings(space=none) %}
    {{ hartonomous.only_where('vector') }}
    {{ config(materialized='table', tags=['space', 'tuning']) }}
    {%- set settings = hartonomous.space_settings(space) -%}
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
    codes.candidates as codes_candidates,
    codes.recall as codes_recall,
    index_recall.recall as index_recall,
    index_recall.standard_error as index_standard_error,
    cast({{ var('target_recall') }} as {{ hartonomous.sql_type('double') }}) as target_recall
from (
    select
        curve.*,
        row_number() over (order by curve.cost, curve.path, curve.probes, curve.candidates) as place
    from {{ ref('search_curve' ~ settings.suffix) }} as curve
    where (curve.path = 'exact' or curve.recall_choosing - curve.standard_error >= {{ var('target_recall') }})
        -- milliseconds are not compared with a model of them
        and (
            curve.p50_ms is not null
            or not exists (select 1 from {{ ref('search_curve' ~ settings.suffix) }} as timed where timed.p50_ms is not null)
        )
) as chosen
left join (
    select
        curve.candidates,
        curve.recall,
        row_number() over (
            order by
                case when curve.recall_choosing - curve.standard_error >= {{ var('target_recall') }} then 0 else 1 end,
                case when curve.recall_choosing - curve.standard_error >= {{ var('target_recall') }} then curve.candidates else -curve.candidates end
        ) as place
    from {{ ref('search_curve' ~ settings.suffix) }} as curve
    where curve.path = 'codes'
) as codes
    on codes.place = 1
cross join (
    {{ hartonomous.index_recall(settings) | indent(4) }}
) as index_recall
where chosen.place = 1
{% endmacro %}

{#
  search_curve(space): the recall@10 and the cost of every setting that was tried, on the queries that
  choose and on those that report. rows_compared counts codes (for the exact path vectors) and
  rows_reranked full vectors a search reads; `cost` is microseconds by the measured constants of
  search_cost, or the median that `hartonomous tune` timed.
#}
{% macro search_curve(space=none) %}
    {{ hartonomous.only_where('vector') }}
    {{ config(materialized='table', tags=['space', 'tuning']) }}
    {%- set settings = hartonomous.space_settings(space) -%}
    {%- set training = hartonomous.space_training(space) -%}
    {%- set suffix = settings.suffix -%}
    {%- set double = hartonomous.sql_type('double') -%}
with {{ hartonomous.probe_settings_ctes(space) }},

by_query as (
    select
        place.part,
        place.query_id,
        place.probes,
        chosen.candidates,
        avg(case
            when place.candidate_position <= chosen.candidates
                and place.shortlist_position <= {{ var('shortlist_factor') }} * chosen.candidates then 1.0e0
            else 0.0e0
        end) as recall
    from {{ ref('tuning_positions' ~ suffix) }} as place
    cross join (
        {%- for candidates in var('tuned_candidates') %}
        select {{ candidates }} as candidates
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as chosen
    group by place.part, place.query_id, place.probes, chosen.candidates
),

by_setting as (
    select
        by_query.probes,
        by_query.candidates,
        sum(case when by_query.part = 0 then 1 else 0 end) as queries,
        avg(case when by_query.part = 0 then by_query.recall end) as recall_choosing,
        {{ hartonomous.standard_deviation('case when by_query.part = 0 then by_query.recall end') }}
            / sqrt(nullif(sum(case when by_query.part = 0 then 1 else 0 end), 0)) as standard_error,
        avg(case when by_query.part = 1 then by_query.recall end) as recall
    from by_query
    group by by_query.probes, by_query.candidates
),

scanned as (
    select
        setting.probes,
        cast(count(*) as {{ double }}) / count(distinct probe.query_id) as cells_probed,
        cast(sum(cell.row_count) as {{ double }}) / count(distinct probe.query_id) as rows_compared
    from probe_setting as setting
    inner join {{ ref('tuning_probes' ~ suffix) }} as probe
        on probe.query_id = setting.query_id and probe.probe <= setting.last_probe
    inner join {{ ref('cells' ~ suffix) }} as cell
        on cell.cell = probe.cell
    where setting.probes > 0
    group by setting.probes
),

total as (
    select cast(count(*) as {{ double }}) as space_rows
    from {{ ref('embeddings' ~ suffix) }}
),

setting as (
    select
        case when by_setting.probes = 0 then 'codes' else 'cells' end as path,
        by_setting.probes,
        probe_reach.reach,
        by_setting.candidates,
        by_setting.queries,
        by_setting.recall_choosing,
        by_setting.standard_error,
        by_setting.recall,
        coalesce(scanned.cells_probed, 0) as cells_probed,
        coalesce(scanned.rows_compared, total.space_rows) as rows_compared
    from by_setting
    cross join total
    left join scanned
        on scanned.probes = by_setting.probes
    left join probe_reach
        on probe_reach.probes = by_setting.probes

    union all

    select
        'exact' as path,
        0 as probes,
        cast(null as {{ double }}) as reach,
        0 as candidates,
        0 as queries,
        1.0e0 as recall_choosing,
        0.0e0 as standard_error,
        1.0e0 as recall,
        0 as cells_probed,
        total.space_rows as rows_compared
    from total
)

select
    setting.path,
    setting.probes,
    setting.reach,
    setting.candidates,
    setting.queries,
    setting.recall_choosing,
    setting.standard_error,
    setting.recall,
    setting.cells_probed,
    setting.rows_compared,
    setting.candidates as rows_reranked,
    timing.p50_ms,
    coalesce(1000 * timing.p50_ms, {{ hartonomous.search_cost(settings, training, 'setting') | indent(4) }}) as cost
from setting
left join {{ source('raw', 'search_timings') }} as timing
    on timing.space_id = {{ hartonomous.text_literal(settings.space_id) }}
        and timing.path = setting.path
        and timing.probes = setting.probes
        and timing.candidates = setting.candidates
{% endmacro %}

{#
  Microseconds of a search, from what one thread of DuckDB 1.5 was measured to need in the statement:
  0.0015 a number of a compared vector, 0.043 a word of a compared code, 0.001 for each cell that is
  probed and cell that there is, 17 a fetched vector, 0.33 a word of the shortlist, and 3,000 or 12,000
  for planning and what every search does. `hartonomous tune` replaces them by what the machine needs.
#}
{% macro search_cost(settings, training, setting) -%}
case {{ setting }}.path
    when 'exact' then 3000 + {{ setting }}.rows_compared * {{ settings.dimension }} * 0.0015e0
    else 12000
        + {{ setting }}.rows_compared * {{ training.words }} * 0.043e0
        + {{ setting }}.cells_probed * {{ training.cells }} / 1000.0e0
        + {{ setting }}.candidates * (17 + {{ var('shortlist_factor') }} * {{ training.words }} * 0.33e0)
end
{%- endmacro %}

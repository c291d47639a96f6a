{#
  tuning_positions(space): for every neighbor of a tuning query and every number of probes, how many
  rows of the probed cells stand before it or with it when they are ordered by code: by differing
  bits (shortlist_position) and by weighted bits (candidate_position); both NULL where no probed cell
  holds it. A search finds the neighbor when its shortlist and its candidates are at least as long:
  so this one pass gives the recall of every setting. Rows that differ alike count as before it, which
  makes the recall a lower bound. A row of several cells counts once among the candidates. probes = 0 stands for the codes of all rows.
#}
{% macro tuning_positions(space=none) %}
    {{ hartonomous.only_where('vector') }}
    {{ hartonomous.tuning_table(space, 'behind_queries') }}
    {%- set settings = hartonomous.space_settings(space) -%}
    {%- set training = hartonomous.space_training(space) -%}
    {%- set condition = '1 = 1' if hartonomous.behind_queries(space) else '1 = 0' -%}
    {%- set suffix = settings.suffix -%}
    {%- set queries = ref('tuning_queries' ~ suffix) -%}
    {%- set probes = ref('tuning_probes' ~ suffix) -%}
    {%- set codes = ref('cell_codes' ~ suffix) -%}
with {{ hartonomous.probe_settings_ctes(space) }},

-- the cells that at least one setting probes
probed as {{ hartonomous.as_materialized() }}(
    select
        place.query_id,
        place.cell,
        place.probe
    from {{ probes }} as place
    inner join (
        select
            probe_setting.query_id,
            max(probe_setting.last_probe) as last_probe
        from probe_setting
        group by probe_setting.query_id
    ) as widest
        on widest.query_id = place.query_id and place.probe <= widest.last_probe
),

neighbor as {{ hartonomous.as_materialized() }}(
    select
        compared.query_id,
        compared.embedding_id,
        compared.cell,
        {{ hartonomous.code_order(settings, training, 'compared', 'question') }} as code_order,
        {{ hartonomous.weighted_order(settings, training, 'compared', 'question') | indent(8) }} as weighted_order
    from {{ hartonomous.compared_codes(training, settings, ['question.query_id', 'embedding_id', 'cell'],
        'from ' ~ codes ~ ' as coded\ninner join ' ~ ref('tuning_neighbors' ~ suffix) ~ ' as truth\n    on truth.embedding_id = coded.embedding_id\n'
        ~ 'inner join ' ~ queries ~ ' as question\n    on question.query_id = truth.query_id\nwhere ' ~ condition
    ) | indent(4) }} as compared
    inner join {{ queries }} as question
        on question.query_id = compared.query_id
),

farthest as {{ hartonomous.as_materialized() }}(
    select
        neighbor.query_id,
        max(neighbor.code_order) as code_order
    from neighbor
    group by neighbor.query_id
),

near as {{ hartonomous.as_materialized() }}(
    select
        compared.query_id,
        compared.embedding_id,
        compared.is_home,
        compared.probe,
        {{ hartonomous.code_order(settings, training, 'compared', 'question') }} as code_order,
        {{ hartonomous.weighted_order(settings, training, 'compared', 'question') | indent(8) }} as weighted_order
    from {{ hartonomous.compared_codes(training, settings, ['question.query_id', 'question.farthest', 'probed.probe', 'embedding_id', 'is_home'],
        'from ' ~ codes ~ ' as coded\ninner join probed\n    on probed.cell = coded.cell\ninner join (\n    select asked.*, farthest.code_order as farthest\n    from '
        ~ queries ~ ' as asked\n    inner join farthest\n        on farthest.query_id = asked.query_id\n) as question\n    on question.query_id = probed.query_id\nwhere '
        ~ condition
    ) | indent(4) }} as compared
    inner join {{ queries }} as question
        on question.query_id = compared.query_id
    where {{ hartonomous.code_order(settings, training, 'compared', 'question') }} <= compared.farthest
),

held as (
    select
        neighbor.query_id,
        neighbor.embedding_id,
        min(neighbor.code_order) as code_order,
        min(neighbor.weighted_order) as weighted_order,
        min(probe.probe) as first_probe
    from neighbor
    inner join {{ probes }} as probe
        on probe.query_id = neighbor.query_id and probe.cell = neighbor.cell
    group by neighbor.query_id, neighbor.embedding_id
),

distinct_near as {{ hartonomous.as_materialized() }}(
    select
        near.query_id,
        near.embedding_id,
        min(near.probe) as probe,
        min(near.weighted_order) as weighted_order
    from near
    group by near.query_id, near.embedding_id
),

counted as (
    select
        held.query_id,
        held.embedding_id,
        near.probe,
        sum(case when near.code_order <= held.code_order then 1 else 0 end) as before_by_code,
        sum(case when {{ hartonomous.is_true('near.is_home') }} and near.code_order <= held.code_order then 1 else 0 end) as homes_by_code,
        0 as before_by_weight
    from held
    inner join near
        on near.query_id = held.query_id
    group by held.query_id, held.embedding_id, near.probe

    union all

    select
        held.query_id,
        held.embedding_id,
        distinct_near.probe,
        0 as before_by_code,
        0 as homes_by_code,
        sum(case when distinct_near.weighted_order <= held.weighted_order then 1 else 0 end) as before_by_weight
    from held
    inner join distinct_near
        on distinct_near.query_id = held.query_id
    group by held.query_id, held.embedding_id, distinct_near.probe
)

select
    query.tuning_key,
    query.part,
    held.query_id,
    held.embedding_id,
    setting.probes,
    case when held.first_probe <= setting.last_probe then sum(
        case when setting.probes = 0 then counted.homes_by_code else counted.before_by_code end
    ) end as shortlist_position,
    case when held.first_probe <= setting.last_probe then sum(counted.before_by_weight) end as candidate_position
from held
inner join {{ queries }} as query
    on query.query_id = held.query_id
inner join probe_setting as setting
    on setting.query_id = held.query_id
left join counted
    on counted.query_id = held.query_id
        and counted.embedding_id = held.embedding_id
        and counted.probe <= setting.last_probe
group by
    query.tuning_key, query.part, held.query_id, held.embedding_id, setting.probes, held.first_probe, setting.last_probe
{% endmacro %}

{#
  tuning_probes(space): the cells in the order in which each tuning query would probe them, and by how
  much each is farther than the fourth nearest.

  A search probes at most `probes` cells, and of those only the ones within a reach: the mean of how far,
  over the tuning queries, cell number probes / probe_spread is. So as many are probed on average as a
  fixed number would be, but few where some cells are much nearer than the others and many where a query
  lies between cells: for the same recall two thirds of the codes are compared, and half by half of the
  queries. A reach counts from the fourth nearest cell, not the first: rows of the space, which may be the
  tuning's queries, are nearer to their own cell than strangers are to any
  (docs/decisions/0011-search-by-cells-and-codes.md).

  probe_settings_ctes(space): CTEs `probe_reach` (probes, reach) and `probe_setting` (query_id, probes, last_probe).
#}
{% macro tuning_probes(space=none) %}
    {{ hartonomous.only_where('vector') }}
    {{ hartonomous.tuning_table(space, 'behind_queries') }}
    {%- set settings = hartonomous.space_settings(space) -%}
select
    placed.tuning_key,
    placed.query_id,
    placed.cell,
    placed.place as probe,
    placed.distance - {{ hartonomous.reach_base('placed', 'partition by placed.query_id') }} as farther
from (
    select
        measured.tuning_key,
        measured.query_id,
        measured.cell,
        measured.distance,
        row_number() over (partition by measured.query_id order by measured.distance, measured.cell) as place
    from (
        select
            query.tuning_key,
            query.query_id,
            cell.cell,
            {{ hartonomous.probe_distance(settings, 'cell.embedding', 'query.embedding') }} as distance
        from {{ ref('cells' ~ settings.suffix) }} as cell
        cross join {{ ref('tuning_queries' ~ settings.suffix) }} as query
        where {{ '1 = 1' if hartonomous.behind_queries(space) else '1 = 0' }}
    ) as measured
) as placed
{% endmacro %}

{# probes = 0 stands for the codes of all rows: in a large space fewer queries tell what those find. #}
{% macro probe_settings_ctes(space=none) -%}
{%- set training = hartonomous.space_training(space) -%}
{%- set whole = [128, 64000000 // ([training.space_rows | int, 1] | max)] | max -%}
{%- set places = ref('tuning_probes' ~ hartonomous.space_suffix(space)) -%}
probe_reach as (
    select
        grid.probes,
        case when avg(place.farther) > 0 then avg(cast(place.farther as {{ hartonomous.sql_type('double') }})) else 0.0e0 end as reach
    from (
        {%- for probes in hartonomous.probes_grid(training) if probes > 0 %}
        select {{ probes }} as probes, {{ (probes + var('probe_spread') - 1) // var('probe_spread') }} as mean_probes
        {{ 'union all' if not loop.last }}
        {%- else %}
        select 0 as probes, 0 as mean_probes
        {%- endfor %}
    ) as grid
    inner join {{ places }} as place
        on place.probe = grid.mean_probes
    group by grid.probes
),

probe_setting as (
    select
        place.query_id,
        probe_reach.probes,
        max(place.probe) as last_probe
    from {{ places }} as place
    inner join probe_reach
        on place.probe <= probe_reach.probes and place.farther <= probe_reach.reach
    group by place.query_id, probe_reach.probes

    union all

    select
        place.query_id,
        0 as probes,
        max(place.probe) as last_probe
    from {{ places }} as place
    where place.query_id <= {{ whole }}
    group by place.query_id
)
{%- endmacro %}

{# The numbers of probes that are tried, none above the number of cells; 0: all codes. #}
{% macro probes_grid(training) %}
    {%- set grid = [0] -%}
    {% for probes in var('tuned_probes') if probes < training.cells | int %}{% do grid.append(probes) %}{% endfor %}
    {% do return(grid) %}
{% endmacro %}

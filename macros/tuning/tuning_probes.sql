{# tuning_probes(space): the cells in the order in which each tuning query would probe them. #}
{% macro tuning_probes(space=none) %}
    {{ hartonomous.only_where('vector') }}
    {{ hartonomous.tuning_table(space, 'behind_queries') }}
    {%- set settings = hartonomous.space_settings(space) -%}
select
    query.tuning_key,
    query.query_id,
    cell.cell,
    row_number() over (
        partition by query.query_id
        order by {{ hartonomous.probe_distance(settings, 'cell.embedding', 'query.embedding') }}, cell.cell
    ) as probe
from {{ ref('cells' ~ settings.suffix) }} as cell
cross join {{ ref('tuning_queries' ~ settings.suffix) }} as query
where {{ '1 = 1' if hartonomous.behind_queries(space) else '1 = 0' }}
{% endmacro %}

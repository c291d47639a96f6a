{#
  The border rule of cell_assignments.sql over columns cell_1, distance_1, cell_2, ... of `nearest`.

  tsql_nearest(ranked)            these columns, from rows (cell, distance, place)
  tsql_border(pairs, distance)    from `nearest` to the cells that a row stands in, as `near_cell`
                                  (place, cell, distance); `pairs` joins what gives the distance
                                  between the centroids of nearer.cell and near_cell.cell
  fabric_distance(...)            what orders cells, as a sum over dimensions; with a norm, by
                                  which it can be compared with distances between cells
#}
{% macro tsql_nearest(ranked) -%}
{%- for place in range(1, var('border_cells') + 1) %}
max(case when {{ ranked }}.place = {{ place }} then {{ ranked }}.cell end) as cell_{{ place }},
max(case when {{ ranked }}.place = {{ place }} then {{ ranked }}.distance end) as distance_{{ place }}{{ ',' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{% macro tsql_border(pairs, distance) %}
    cross apply (
        values
        {%- for place in range(1, var('border_cells') + 1) %}
        ({{ place }}, nearest.cell_{{ place }}, nearest.distance_{{ place }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as near_cell (place, cell, distance)
    where near_cell.cell is not null
        and (
            near_cell.place = 1
            or (
                near_cell.distance <= {{ var('border_distance') }} * nearest.distance_1
                and not exists (
                    select 1
                    from (
                        values
                        {%- for place in range(1, var('border_cells')) %}
                        ({{ place }}, nearest.cell_{{ place }}){{ ',' if not loop.last }}
                        {%- endfor %}
                    ) as nearer (place, cell)
                    {{ pairs | indent(20) }}
                    where nearer.place < near_cell.place
                        and {{ var('border_overlap') }} * ({{ distance }}) < near_cell.distance
                )
            )
        )
{%- endmacro %}

{% macro fabric_distance(settings, a, b, norm=none) -%}
    {%- if settings.metric == 'euclidean' -%}
        sqrt(sum(square(cast({{ a }} as float) - {{ b }})))
    {%- elif norm -%}
        1 - sum(cast({{ a }} as float) * {{ b }}) / nullif({{ norm }}, 0)
    {%- else -%}
        -sum(cast({{ a }} as float) * {{ b }})
    {%- endif -%}
{%- endmacro %}

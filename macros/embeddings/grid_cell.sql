{#
  grid_cell(level, place, box): the number of the grid cell that holds a position, in the manner of
  GEOMETRY_GRID, over x, y and z: level n has grid_side ** n cells a side, nested in those of level
  n - 1. Numbered (ix * side + iy) * side + iz. Positions outside the box belong to its border
  cells, so a text that is placed later never falls off the grid.

  `place` is an alias with x, y, z; `box` one with x_min .. z_max (model bounding_boxes).
#}
{% macro grid_side(level) %}
    {% do return(var('grid_side') ** level) %}
{% endmacro %}

{% macro grid_index(level, coordinate, low, high) -%}
    {%- set side = hartonomous.grid_side(level) -%}
    cast(greatest(0, least({{ side - 1 }}, floor(({{ coordinate }} - {{ low }}) / ({{ high }} - {{ low }}) * {{ side }}))) as {{ hartonomous.sql_type('int') }})
{%- endmacro %}

{% macro grid_cell(level, place, box) -%}
    {{ hartonomous.grid_cell_at(level, place ~ '.x', place ~ '.y', place ~ '.z', box) }}
{%- endmacro %}

{# The same for a point that three expressions name. #}
{% macro grid_cell_at(level, x, y, z, box) -%}
    {%- set side = hartonomous.grid_side(level) -%}
    ({{ hartonomous.grid_index(level, x, box ~ '.x_min', box ~ '.x_max') }} * {{ side }}
        + {{ hartonomous.grid_index(level, y, box ~ '.y_min', box ~ '.y_max') }}) * {{ side }}
        + {{ hartonomous.grid_index(level, z, box ~ '.z_min', box ~ '.z_max') }}
{%- endmacro %}

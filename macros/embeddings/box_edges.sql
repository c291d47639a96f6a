{#
  The edges of a reducer's box along one axis: its landmarks' smallest and largest coordinate, and
  from them the bounds: wider by the margin, and never flat, so that nothing divides by zero.
#}
{% macro box_edges(axis, landmark) -%}
    min(cast({{ landmark }}.{{ axis }} as {{ hartonomous.sql_type('double') }})) as {{ axis }}_low,
    max(cast({{ landmark }}.{{ axis }} as {{ hartonomous.sql_type('double') }})) as {{ axis }}_high
{%- endmacro %}

{% macro box_bounds(axis, box) -%}
    {%- set low, high = box ~ '.' ~ axis ~ '_low', box ~ '.' ~ axis ~ '_high' -%}
    {%- set margin = var('bounding_box_margin') -%}
    {{ low }} - {{ margin }} * ({{ high }} - {{ low }}) - 0.000001 as {{ axis }}_min,
    {{ high }} + {{ margin }} * ({{ high }} - {{ low }}) + 0.000001 as {{ axis }}_max
{%- endmacro %}

{#
  point(x, y, z): a 3-D point of the engine's GEOMETRY type. Z is stored everywhere and used by no
  engine's distance or spatial index: both are 2-D, so searches account for z themselves.
#}
{% macro point(x, y, z) %}
    {% do return(adapter.dispatch('point', 'hartonomous')(x, y, z)) %}
{% endmacro %}

{% macro duckdb__point(x, y, z) -%}
    cast(st_point3d({{ x }}, {{ y }}, {{ z }}) as geometry)
{%- endmacro %}

{% macro default__point(x, y, z) %}
    {% do return(hartonomous.unsupported('a geometry point')) %}
{% endmacro %}

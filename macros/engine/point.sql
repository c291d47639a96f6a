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

{# STGeomFromText keeps z, which geometry::Point has no argument for. decimal(38, 20) writes the
   coordinates without an exponent, exactly enough for the float32 that they are.
   https://learn.microsoft.com/sql/t-sql/spatial-geometry/stgeomfromtext-geometry-data-type #}
{% macro sqlserver__point(x, y, z) -%}
    geometry::STGeomFromText('POINT('
        {%- for coordinate in [x, y, z] %}
        + cast(cast(cast({{ coordinate }} as float) as decimal(38, 20)) as varchar(60)) + '{{ ')' if loop.last else ' ' }}'
        {%- endfor %}, 0)
{%- endmacro %}

{#
  place_query(query_vector): the 3-D position of a query, in SQL: the mean of its nearest landmarks'
  positions, weighted by 1 / (d * d + 1e-12), d the cosine distance. The same rule, with the same
  constants, as hartonomous.projection.landmarks. Returns one row: x, y, z.
#}
{% macro place_query(space=none) %}
    {{ hartonomous.only_where('vector') }}
    {%- set settings = hartonomous.space_settings(space) -%}
    {{ hartonomous.callable('sp_PlaceQuery' ~ settings.suffix, [
        {'name': 'query_vector', 'type': 'vector'},
    ], space) }}
    {{ adapter.dispatch('place_query', 'hartonomous')(settings) }}
{% endmacro %}

{% macro default__place_query(settings) %}
    {%- set count = var('placement_landmarks') -%}
    {{- hartonomous.check_parameters(counts=[], filters=false) }}
select
    {%- for axis in ['x', 'y', 'z'] %}
    sum(weighted.weight * weighted.{{ axis }}) / sum(weighted.weight) as {{ axis }}{{ ',' if not loop.last }}
    {%- endfor %}
from (
    select
        nearest.x,
        nearest.y,
        nearest.z,
        1 / (nearest.distance * nearest.distance + 1e-12) as weight
    from (
        select {{ hartonomous.top(count) }}
            measured.x,
            measured.y,
            measured.z,
            measured.distance
        from (
            select
                landmark.landmark_index,
                cast(landmark.x as {{ hartonomous.sql_type('double') }}) as x,
                cast(landmark.y as {{ hartonomous.sql_type('double') }}) as y,
                cast(landmark.z as {{ hartonomous.sql_type('double') }}) as z,
                cast({{ hartonomous.vector_distance(
                    'cosine', 'landmark.embedding', hartonomous.to_vector(hartonomous.param('query_vector'), settings.dimension)
                ) }} as {{ hartonomous.sql_type('double') }}) as distance
            from {{ ref('landmarks' ~ settings.suffix) }} as landmark
        ) as measured
        order by measured.distance, measured.landmark_index
        {{ hartonomous.limit(count) }}
    ) as nearest
) as weighted
{% endmacro %}

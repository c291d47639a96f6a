{#
  approx_spatial_search(x, y, z, top_k, use_coarse, filters): the nearest 3-D positions.

  use_coarse = 0, fine: the spatial index, a 2-D R-tree over (x, y), gives a box around the query.
  A row outside a box of half-width r is farther than r in x or y alone, so when top_k rows lie
  within r in all three dimensions they are the exact answer; otherwise all rows are compared. r is
  read from the data when the callable is built.
  use_coarse = 1: the rows that share the query's grid cell at the deepest of the four levels where
  that cell holds top_k rows.

  Returns embedding_id, source_text, distance (Euclidean, in 3-D). How many of the true neighbors
  in full dimension these are: model search_quality.
#}
{% macro approx_spatial_search(space=none) %}
    {{ hartonomous.only_where('geometry') }}
    {%- set settings = hartonomous.space_settings(space) -%}
    {{ hartonomous.callable('sp_ApproxSpatialSearch' ~ settings.suffix, [
        {'name': 'x', 'type': 'double', 'procedure_name': 'query_x'},
        {'name': 'y', 'type': 'double', 'procedure_name': 'query_y'},
        {'name': 'z', 'type': 'double', 'procedure_name': 'query_z'},
        {'name': 'top_k', 'type': 'int', 'default': 10},
        {'name': 'use_coarse', 'type': 'int', 'default': 0},
        {'name': 'filters', 'type': 'json', 'default': none},
    ], space) }}
    {{ adapter.dispatch('approx_spatial_search', 'hartonomous')(settings) }}
{% endmacro %}

{% macro duckdb__approx_spatial_search(settings) %}
    {%- set embeddings = ref('embeddings' ~ settings.suffix) -%}
    {%- set box = ref('bounding_boxes') -%}
    {%- set radius = hartonomous.spatial_box_radius(settings, embeddings) -%}
    {#- as double: a literal such as 1.5 is a DECIMAL, whose arithmetic overflows -#}
    {%- set x, y, z = 'cast(x as double)', 'cast(y as double)', 'cast(z as double)' -%}
    {%- set distance = hartonomous.distance_3d('candidate', x, y, z) -%}
with near as materialized (
    select
        candidate.embedding_id,
        candidate.source_text,
        {{ distance }} as distance
    from {{ embeddings }} as candidate
    where use_coarse = 0
        and st_within(
            candidate.position,
            st_makeenvelope({{ x }} - {{ radius }}, {{ y }} - {{ radius }}, {{ x }} + {{ radius }}, {{ y }} + {{ radius }})
        )
        and {{ hartonomous.is_landed(settings, 'candidate') | indent(8) }}
        and {{ hartonomous.passes_filters('candidate', 'filters') | indent(8) }}
),

near_enough as materialized (
    select count(*) >= top_k as is_answer
    from near
    where near.distance <= {{ radius }}
),

query_cell as materialized (
    select
        {%- for level in [1, 2, 3, 4] %}
        {{ hartonomous.grid_cell_at(level, x, y, z, 'box') }} as grid_cell_{{ level }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ box }} as box
    where use_coarse = 1 and box.space_id = '{{ settings.space_id }}'
),

shared as materialized (
    select
        candidate.embedding_id,
        case
            {%- for level in [4, 3, 2, 1] %}
            when candidate.grid_cell_{{ level }} = query_cell.grid_cell_{{ level }} then {{ level }}
            {%- endfor %}
            else 0
        end as grid_level
    from {{ embeddings }} as candidate
    cross join query_cell
    where {{ hartonomous.is_landed(settings, 'candidate') | indent(8) }}
        and {{ hartonomous.passes_filters('candidate', 'filters') | indent(8) }}
),

chosen as (
    select coalesce(max(level.grid_level), 0) as grid_level
    from (values (1), (2), (3), (4)) as level (grid_level)
    where (select count(*) from shared where shared.grid_level >= level.grid_level) >= top_k
),

answer as (
    select near.embedding_id, near.source_text, near.distance
    from near
    where (select near_enough.is_answer from near_enough)

    union all

    select candidate.embedding_id, candidate.source_text, {{ distance }} as distance
    from {{ embeddings }} as candidate
    where use_coarse = 0
        and not (select near_enough.is_answer from near_enough)
        and {{ hartonomous.is_landed(settings, 'candidate') | indent(8) }}
        and {{ hartonomous.passes_filters('candidate', 'filters') | indent(8) }}

    union all

    select candidate.embedding_id, candidate.source_text, {{ distance }} as distance
    from {{ embeddings }} as candidate
    where use_coarse = 1
        and candidate.embedding_id in (
            select shared.embedding_id
            from shared
            where shared.grid_level >= (select chosen.grid_level from chosen)
        )
)

select answer.embedding_id, answer.source_text, answer.distance
from answer
order by answer.distance, answer.embedding_id
limit top_k
{% endmacro %}

{% macro default__approx_spatial_search(settings) %}
    {% do return(hartonomous.unsupported('approx_spatial_search')) %}
{% endmacro %}

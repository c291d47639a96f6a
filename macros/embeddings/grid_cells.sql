{# grid_cells(space): the occupied cells of every level, with how many embeddings each holds. #}
{% macro grid_cells(space=none) %}
    {{ config(materialized='table', tags=['space']) }}
    {%- set embeddings = ref('embeddings' ~ hartonomous.space_suffix(space)) -%}
    {%- for level in [1, 2, 3, 4] %}
select
    {{ level }} as grid_level,
    grid_cell_{{ level }} as grid_cell,
    count(*) as row_count,
    min(x) as x_min,
    max(x) as x_max,
    min(y) as y_min,
    max(y) as y_max,
    min(z) as z_min,
    max(z) as z_max
from {{ embeddings }}
group by grid_cell_{{ level }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{#-
  The box that a reducer's grid and spatial index cover: that of its landmarks, with a margin.
  Landmarks never change once they are fitted, so cells of old rows stay right when rows are added.
-#}
{%- set margin = var('bounding_box_margin') -%}
with landmark_box as (
    select
        reducer.space_id,
        landmark.reducer_id,
        {%- for axis in ['x', 'y', 'z'] %}
        min(landmark.{{ axis }}) as {{ axis }}_low,
        max(landmark.{{ axis }}) as {{ axis }}_high{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ source('raw', 'landmarks') }} as landmark
    inner join {{ source('raw', 'reducers') }} as reducer
        on reducer.reducer_id = landmark.reducer_id
    group by reducer.space_id, landmark.reducer_id
)

select
    space_id,
    reducer_id,
    {%- for axis in ['x', 'y', 'z'] %}
    {#- a flat axis gets a thickness, so that nothing divides by zero #}
    {{ axis }}_low - {{ margin }} * ({{ axis }}_high - {{ axis }}_low) - 0.000001 as {{ axis }}_min,
    {{ axis }}_high + {{ margin }} * ({{ axis }}_high - {{ axis }}_low) + 0.000001 as {{ axis }}_max{{ ',' if not loop.last }}
    {%- endfor %}
from landmark_box

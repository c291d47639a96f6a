{#-
  The box that a reducer's grid and spatial index cover: that of its landmarks, with a margin.
  Landmarks never change once they are fitted, so cells of old rows stay right when rows are added.
-#}
with landmark_box as (
    select
        reducer.space_id,
        landmark.reducer_id,
        {{ box_edges('x', 'landmark') }},
        {{ box_edges('y', 'landmark') }},
        {{ box_edges('z', 'landmark') }}
    from {{ source('raw', 'landmarks') }} as landmark
    inner join {{ source('raw', 'reducers') }} as reducer
        on reducer.reducer_id = landmark.reducer_id
    group by reducer.space_id, landmark.reducer_id
)

select
    landmark_box.space_id,
    landmark_box.reducer_id,
    {{ box_bounds('x', 'landmark_box') }},
    {{ box_bounds('y', 'landmark_box') }},
    {{ box_bounds('z', 'landmark_box') }}
from landmark_box

{# landmarks(space): the fitted reducer's rows as typed vectors, which place a query in 3-D. #}
{% macro landmarks(space=none) %}
    {{ hartonomous.only_where('vector') }}
    {{ config(materialized='table', tags=['space'], pre_hook={
        'sql': "{{ hartonomous.enable_preview() }}", 'transaction': false
    }) }}
    {%- set settings = hartonomous.space_settings(space) -%}
select
    landmark.landmark_index,
    {{ hartonomous.to_vector('landmark.vector', settings.dimension) }} as embedding,
    landmark.x,
    landmark.y,
    landmark.z
from {{ source('raw', 'landmarks') }} as landmark
inner join {{ source('raw', 'reducers') }} as reducer
    on reducer.reducer_id = landmark.reducer_id
where reducer.space_id = '{{ settings.space_id }}'
{% endmacro %}

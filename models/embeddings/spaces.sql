{#- Every landed space, and the suffix that the names of its models and callables carry. -#}
{%- set default = space_settings() -%}
select
    space.space_id,
    space.model_name,
    space.model_id,
    space.dimension,
    space.metric,
    space.created_at,
    case
        when space.space_id = {{ text_literal(default.space_id) }} then ''
        else {{ text_concat(["'_'", 'space.space_id']) }}
    end as suffix
from {{ source('raw', 'spaces') }} as space

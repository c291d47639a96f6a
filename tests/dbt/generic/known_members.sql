{# Fails on a weight below 0, or of a member that is neither a landed space nor `lexical`. #}
{% test known_members(model) %}
select weighted.member, weighted.weight
from {{ model }} as weighted
where weighted.weight < 0
    or (
        weighted.member <> 'lexical'
        and not exists (
            select 1
            from {{ source('raw', 'spaces') }} as space
            where space.space_id = weighted.member
        )
    )
{% endtest %}

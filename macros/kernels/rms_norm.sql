{#
  RMS norm (Zhang and Sennrich 2019), without gain:

    normed = x / sqrt(mean(x^2) + epsilon)
#}
{% macro rms_norm(input, column, width, epsilon) -%}
select
    scaled.row_id,
    scaled.text_id,
    scaled.position,
    cast(list_transform(scaled.x, lambda value: value * scaled.scale) as float[]) as normed
from (
    select
        given.row_id,
        given.text_id,
        given.position,
        given.{{ column }} as x,
        cast(1 / sqrt(list_dot_product(given.{{ column }}, given.{{ column }}) / {{ width }} + {{ epsilon }}) as float) as scale
    from {{ input }} as given
) as scaled
{%- endmacro %}

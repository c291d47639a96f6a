{#
  rotary on SQL Server: queries and keys of all heads, side by side in a #table (row_id, dimension,
  value), turned by their token's position: SELECT (row_id, dimension, value) without the values.

    y_i = x_i cos(angle) + sign x_partner sin(angle)

  Table inference_rotations has the dimensions of one head. The angle is rounded to REAL, as
  transformers computes it; its cosine is taken in double.
#}
{% macro sqlserver_rotary(settings, weights, input) -%}
{%- set size = settings.head_size -%}
select
    turned.row_id,
    turned.dimension,
    turned.value * cos(turned.angle) + turned.sign * partner.value * sin(turned.angle) as value
from (
    select
        projected.row_id,
        projected.dimension,
        projected.value,
        projected.dimension - projected.dimension % {{ size }} + rotation.partner as partner,
        rotation.sign,
        cast(cast(token.position * rotation.frequency as real) as float) as angle
    from {{ input }} as projected
    inner join #sequence as token
        on token.row_id = projected.row_id
    inner join {{ weights.rotations }} as rotation
        on rotation.dimension = projected.dimension % {{ size }}
    where projected.dimension < {{ (settings.heads + settings.key_value_heads) * size }}
) as turned
inner join {{ input }} as partner
    on partner.row_id = turned.row_id and partner.dimension = turned.partner
{%- endmacro %}

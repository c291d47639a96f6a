{#
  Rotary positions (Su et al. 2021), in the half-split form of Llama: dimension i of a head turns with
  dimension i + head_size/2 by the angle position * frequency_i:

    y_i        = x_i cos - x_{i+half} sin
    y_{i+half} = x_{i+half} cos + x_i sin

  The weight table `inference_rotations` (one row) holds three lists over all dimensions of all
  heads: frequencies, partners (1-based index of the dimension that turns with it), signs (-1, 1).
  The angle is rounded to float32, as transformers computes it; its cosine is taken in double.

  rotated(list, angles, width): `list` FLOAT[width] turned; `angles` is a relation's alias with
  cosines, sines (signed) and partners.
#}
{% macro rotated(list, angles, width) -%}
cast(list_transform(
    list_zip(
        {{ list }},
        list_select({{ list }}, {{ angles }}.partners[1:{{ width }}]),
        {{ angles }}.cosines[1:{{ width }}],
        {{ angles }}.sines[1:{{ width }}]
    ),
    lambda term: term[1] * term[3] + term[2] * term[4]
) as float[])
{%- endmacro %}

{# From (row_id, text_id, position, outputs = query | key | value) to the same, query and key turned. #}
{% macro rotary(settings, weights, input) -%}
{%- set queries = settings.heads * settings.head_size -%}
{%- set keys = settings.key_value_heads * settings.head_size -%}
select
    given.row_id,
    given.text_id,
    given.position,
    list_concat(
        {{ hartonomous.rotated('given.outputs[1:' ~ queries ~ ']', 'given', queries) | indent(8) }},
        {{ hartonomous.rotated('given.outputs[' ~ (queries + 1) ~ ':' ~ (queries + keys) ~ ']', 'given', keys) | indent(8) }},
        given.outputs[{{ queries + keys + 1 }}:{{ queries + 2 * keys }}]
    ) as outputs
from (
    select
        turned.*,
        list_transform(turned.angles, lambda angle: cast(cos(angle) as float)) as cosines,
        list_transform(
            list_zip(turned.angles, turned.signs), lambda term: cast(sin(term[1]) * term[2] as float)
        ) as sines
    from (
        select
            projected.row_id,
            projected.text_id,
            projected.position,
            projected.outputs,
            rotation.partners,
            rotation.signs,
            list_transform(
                rotation.frequencies,
                lambda frequency: cast(cast(projected.position as float) * frequency as double)
            ) as angles
        from {{ input }} as projected
        cross join {{ weights.rotations }} as rotation
    ) as turned
) as given
{%- endmacro %}

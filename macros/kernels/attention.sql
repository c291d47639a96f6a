{#
  Scaled dot-product attention (Vaswani et al. 2017), with groups of query heads that share a key
  and value head (Ainslie et al. 2023):

    context_h = sum_j softmax_j(scale * q_h . k_g(h),j) v_g(h),j        over the positions j of the text

  From CTE query_key_value (row_id, text_id, position, outputs = queries | keys | values) to CTE
  attention_context (row_id, text_id, position, outputs = contexts of all heads side by side).

  Scores of later tokens are -infinity in a causal model, so that every list has the length of the
  text. Values stand turned around, a list over positions for each dimension: a context's number is
  then one dot product.

  attention_weights_ctes ends at CTE attention_weights (row_id, text_id, position, head, key_value_head,
  weights FLOAT[positions]).

  cached: SELECT of (text_id, position, outputs = keys | values) of earlier tokens of the texts. Without
  it, values come from CTE values_over_positions, and outputs hold queries and keys only.
#}
{% macro attention_weights_ctes(settings, weights, cached=none) -%}
{%- set size = settings.head_size -%}
{%- set queries = settings.heads * size -%}
{%- set keys = settings.key_value_heads * size -%}
{%- set group = settings.heads // settings.key_value_heads -%}
{%- set source = 'rotated_query_key_value' if settings.positions == 'rotary' else 'query_key_value' -%}
{% if settings.positions == 'rotary' %}
rotated_query_key_value as materialized (
    {{ hartonomous.rotary(settings, weights, 'query_key_value') | indent(4) }}
),
{% endif %}
-- keys | values of every token that can be seen
keys_values as materialized (
    {%- if cached %}
    {{ cached | indent(4) }}

    union all
    {% endif %}
    select current.text_id, current.position, current.outputs[{{ queries + 1 }}:] as outputs
    from {{ source }} as current
),

attention_queries as materialized (
    select
        projected.row_id,
        projected.text_id,
        projected.position,
        cast(head.head as integer) as head,
        cast(head.head // {{ group }} as integer) as key_value_head,
        cast(projected.outputs[head.head * {{ size }} + 1 : head.head * {{ size }} + {{ size }}] as float[{{ size }}]) as query
    from {{ source }} as projected
    cross join range({{ settings.heads }}) as head (head)
),

attention_keys as materialized (
    select
        seen.text_id,
        seen.position,
        cast(head.head as integer) as key_value_head,
        cast(seen.outputs[head.head * {{ size }} + 1 : head.head * {{ size }} + {{ size }}] as float[{{ size }}]) as key
    from keys_values as seen
    cross join range({{ settings.key_value_heads }}) as head (head)
),

attention_scores as materialized (
    select
        compared.row_id,
        any_value(compared.text_id) as text_id,
        any_value(compared.position) as position,
        compared.head,
        any_value(compared.key_value_head) as key_value_head,
        list(compared.score order by compared.key_position) as scores
    from (
        select
            asking.row_id,
            asking.text_id,
            asking.position,
            asking.head,
            asking.key_value_head,
            seen.position as key_position,
            {%- if settings.is_causal %}
            case
                when seen.position <= asking.position
                    then array_inner_product(asking.query, seen.key) * cast({{ settings.attention_scale }} as float)
                else cast('-infinity' as float)
            end as score
            {%- else %}
            array_inner_product(asking.query, seen.key) * cast({{ settings.attention_scale }} as float) as score
            {%- endif %}
        from attention_queries as asking
        inner join attention_keys as seen
            on seen.text_id = asking.text_id and seen.key_value_head = asking.key_value_head
    ) as compared
    group by compared.row_id, compared.head
),

attention_weights as materialized (
    {{ hartonomous.softmax('attention_scores') | indent(4) }}
)
{%- endmacro %}

{% macro attention_ctes(settings, weights, cached=none) -%}
{%- set size = settings.head_size -%}
{%- set keys = settings.key_value_heads * size -%}
{%- set group = settings.heads // settings.key_value_heads -%}
{{ hartonomous.attention_weights_ctes(settings, weights, cached) }},
{% if cached %}
attention_values as materialized (
    select
        gathered.text_id,
        cast(dimension.dimension // {{ size }} as integer) as key_value_head,
        cast(dimension.dimension as integer) as dimension,
        list_transform(gathered.outputs, lambda value: value[dimension.dimension + 1]) as dimension_values
    from (
        select seen.text_id, list(seen.outputs[{{ keys + 1 }}:] order by seen.position) as outputs
        from keys_values as seen
        group by seen.text_id
    ) as gathered
    cross join range({{ keys }}) as dimension (dimension)
),
{% else %}
attention_values as (
    select
        projected.text_id,
        projected.output_index // {{ size }} as key_value_head,
        projected.output_index as dimension,
        projected.outputs as dimension_values
    from values_over_positions as projected
),
{% endif %}
attention_context as materialized (
    select
        mixed.row_id,
        any_value(mixed.text_id) as text_id,
        any_value(mixed.position) as position,
        cast(min_by(mixed.context, mixed.output_index, {{ settings.heads * size }}) as float[]) as outputs
    from (
        select
            weighted.row_id,
            weighted.text_id,
            weighted.position,
            {%- if group == 1 %}
            valued.dimension as output_index,
            {%- else %}
            weighted.head * {{ size }} + valued.dimension % {{ size }} as output_index,
            {%- endif %}
            list_dot_product(weighted.weights, valued.dimension_values) as context
        from attention_weights as weighted
        inner join attention_values as valued
            on valued.text_id = weighted.text_id and valued.key_value_head = weighted.key_value_head
    ) as mixed
    group by mixed.row_id
)
{%- endmacro %}

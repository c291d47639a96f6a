{#
  generation_cte(settings, weights): the recursion of generate.sql, CTE `generation` (layer, position,
  hidden, outputs, token_id, log_probability); reads embedded and prompt_length, and the callable's
  parameters.
#}
{% macro generation_cte(settings, weights) -%}
generation (layer, position, hidden, outputs, token_id, log_probability) using key (layer, position) as (
    select
        0 as layer,
        embedded.position,
        embedded.hidden,
        cast(null as float[]) as outputs,
        embedded.token_id,
        cast(null as double) as log_probability
    from embedded
    where max_tokens is distinct from 0

    union all

    (
        with current_tokens as materialized (
            select
                newest.position as row_id,
                cast(0 as bigint) as text_id,
                newest.position,
                newest.layer,
                newest.hidden
            from generation as newest
            where newest.layer >= 0 and newest.layer < {{ settings.layers }}
        ),

        {{ hartonomous.layer_ctes(settings, weights, cached=hartonomous.recurring_keys_values()) | indent(8) }},

        -- what left the last layer, where this round began with it
        last_token as materialized (
            select
                finished.position as row_id,
                cast(0 as bigint) as text_id,
                finished.position,
                finished.hidden
            from generation as finished
            where finished.layer = {{ settings.layers }}
            order by finished.position desc
            limit 1
        ),

        normed_token as materialized (
            {{ hartonomous.normalize(settings, 'last_token', 'hidden') | indent(12) }}
        ),

        scores as materialized (
            {{ hartonomous.logits(settings, weights, 'normed_token') | indent(12) }}
        ),

        {{ hartonomous.choose_ctes(
            'scores', 'temperature', 'top_k', 'top_p', 'seed',
            '(select last_token.position + 1 - prompt_length.tokens from last_token cross join prompt_length)',
            settings.vocabulary_size,
        ) | indent(8) }},

        next_token as materialized (
            select
                cast(0 as bigint) as text_id,
                cast(last_token.position + 1 as integer) as position,
                chosen.token_id,
                chosen.log_probability
            from chosen
            cross join last_token
        ),

        -- it is run as well, unless it is the last
        running_token as materialized (
            select next_token.text_id, next_token.position, next_token.token_id
            from next_token
            cross join prompt_length
            where not {{ hartonomous.is_end_token(settings, 'next_token.token_id') }}
                and next_token.position + 1 < prompt_length.tokens + max_tokens
                and next_token.position < {{ settings.max_positions }}
        ),

        {{ hartonomous.embedded_ctes(settings, weights, 'running_token') | replace('embedded as', 'embedded_token as') | indent(8) }}

        select
            this_layer.layer + 1,
            done.position,
            done.hidden,
            seen.outputs,
            cast(null as integer),
            cast(null as double)
        from layer_output as done
        inner join keys_values as seen
            on seen.position = done.position
        cross join this_layer

        union all

        select -1, next_token.position, cast(null as float[]), cast(null as float[]), next_token.token_id, next_token.log_probability
        from next_token

        union all

        select 0, token.position, token.hidden, cast(null as float[]), token.token_id, cast(null as double)
        from embedded_token as token
    )
)
{%- endmacro %}

{# Keys and values of this layer that earlier rounds left. #}
{% macro recurring_keys_values() -%}
select cast(0 as bigint) as text_id, earlier.position, earlier.outputs
from recurring.generation as earlier
inner join this_layer
    on this_layer.layer + 1 = earlier.layer
{%- endmacro %}

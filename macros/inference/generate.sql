{#
  generate(prompt, max_tokens, temperature, top_k, top_p, seed): what a language model writes after a
  prompt, (seq, token_id, token, log_probability, generated_text), a row a token; generated_text is
  all of it so far. Stops at the end token, which is no row, at max_tokens, and where the model's
  positions end. How tokens are chosen: sampling.sql.

  One statement, with a key/value cache: a recursion whose rows are (layer, position) and stay
  (USING KEY). A round runs one layer for the newest tokens, over what `recurring` holds of this
  layer for earlier ones; after the last layer it chooses a token and starts again with it. Row
  (layer, position): the token's vector after so many layers, and the keys and values of the layer
  that was just run. Chosen tokens are rows of layer -1.

  T-SQL: sp_GenerateText.
#}
{% macro generate(model=none, suffix='language') %}
    {{ hartonomous.only_where('vector') }}
    {{ hartonomous.callable('sp_GenerateText' ~ hartonomous.callable_suffix(suffix), [
        {'name': 'prompt', 'type': 'text'},
        {'name': 'max_tokens', 'type': 'int', 'default': 20},
        {'name': 'temperature', 'type': 'double', 'default': 0},
        {'name': 'top_k', 'type': 'int', 'default': 0},
        {'name': 'top_p', 'type': 'double', 'default': 1},
        {'name': 'seed', 'type': 'bigint', 'default': 0},
    ]) }}
    {{ adapter.dispatch('generate', 'hartonomous')(hartonomous.run_settings(model, suffix), hartonomous.inference_weights(suffix)) }}
{% endmacro %}

{% macro duckdb__generate(settings, weights) -%}
{%- set refusal = hartonomous.language_refusal(settings) -%}
{%- if refusal -%}
{{ hartonomous.refuse(refusal, ['seq', 'token_id', 'token', 'log_probability', 'generated_text']) }}
{%- else -%}
with recursive {{ hartonomous.prompt_ctes(settings, weights, 'prompt') }},

prompt_length as materialized (
    select cast(count(*) as integer) as tokens
    from embedded
),

{{ hartonomous.generation_cte(settings, weights) }},

new_tokens as materialized (
    select
        cast(written.position - prompt_length.tokens + 1 as integer) as seq,
        written.token_id,
        written.log_probability
    from generation as written
    cross join prompt_length
    where written.layer = -1 and not {{ hartonomous.is_end_token(settings, 'written.token_id') }}
),

{{ hartonomous.written_text_ctes(settings) }}

select
    written.seq,
    written.token_id,
    spelled.text as token,
    written.log_probability,
    so_far.text as generated_text
from new_tokens as written
inner join token_texts as spelled
    on spelled.token_id = written.token_id
inner join texts_so_far as so_far
    on so_far.seq = written.seq
order by written.seq
{%- endif %}
{%- endmacro %}

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
    where max_tokens > 0

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

        this_layer as materialized (
            select any_value(current_tokens.layer) as layer
            from current_tokens
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

{% macro is_end_token(settings, token_id) -%}
({{ token_id }} in ({{ (settings.end_tokens or [-1]) | join(', ') }}))
{%- endmacro %}

{# From CTE new_tokens (seq, token_id) to token_texts (token_id, text) and texts_so_far (seq, text). #}
{% macro written_text_ctes(settings) -%}
{{ hartonomous.token_texts(settings, 'new_tokens') }},

tokens_so_far as materialized (
    select cast(last.seq as bigint) as text_id, earlier.seq - 1 as position, earlier.token_id
    from new_tokens as last
    inner join new_tokens as earlier
        on earlier.seq <= last.seq
),

{{ hartonomous.decode_ctes(hartonomous.tokenizer_settings(settings.tokenizer_id), 'tokens_so_far') | replace('decoded', 'decoded_so_far') }},

texts_so_far as (
    select cast(decoded_so_far.text_id as integer) as seq, decoded_so_far.text
    from decoded_so_far
)
{%- endmacro %}

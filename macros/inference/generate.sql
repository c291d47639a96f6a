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
    {{ hartonomous.only_where('tokenizers') }}
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
with recursive {{ hartonomous.prompt_ctes(settings, weights, 'prompt', hartonomous.sampling_checks()) }},

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

{% macro default__generate(settings, weights) %}
    {% do return(hartonomous.unsupported('generate')) %}
{% endmacro %}

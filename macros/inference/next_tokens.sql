{#
  next_tokens(prompt, top_k): the likeliest next tokens after a prompt: (rank, token_id, token,
  probability, log_probability), the softmax over the whole vocabulary; ties by token_id.

  T-SQL: sp_NextTokens.
#}
{% macro next_tokens(model=none, suffix='language') %}
    {{ hartonomous.only_where('tokenizers') }}
    {{ hartonomous.callable('sp_NextTokens' ~ hartonomous.callable_suffix(suffix), [
        {'name': 'prompt', 'type': 'text'},
        {'name': 'top_k', 'type': 'int', 'default': 10},
    ]) }}
    {{ adapter.dispatch('next_tokens', 'hartonomous')(hartonomous.run_settings(model, suffix), hartonomous.inference_weights(suffix)) }}
{% endmacro %}

{# Callables of the default language model carry no suffix, its weight tables `_language`; those of
   the default embedding model, whose weight tables carry none, are told apart. #}
{% macro callable_suffix(suffix) %}
    {% do return('' if suffix == 'language' else hartonomous.space_suffix(suffix or 'embedding_model')) %}
{% endmacro %}

{% macro duckdb__next_tokens(settings, weights) -%}
{%- set refusal = hartonomous.language_refusal(settings) -%}
{%- if refusal -%}
{{ hartonomous.refuse(refusal, ['rank', 'token_id', 'token', 'probability', 'log_probability']) }}
{%- else -%}
with recursive {{ hartonomous.prompt_ctes(settings, weights, 'prompt', [hartonomous.minimum_check('top_k', 1)]) }},

{{ hartonomous.layers_ctes(settings, weights) }},

{{ hartonomous.last_layer_ctes(settings) }},

last_token as (
    select token.*
    from normed_tokens as token
    order by token.position desc
    limit 1
),

scores as materialized (
    {{ hartonomous.logits(settings, weights, 'last_token') | indent(4) }}
),

likeliest as materialized (
    select
        row_number() over (order by scored.logit desc, scored.token_id) as rank,
        scored.token_id,
        scored.logit - normalizer.log_total as log_probability
    from scores as scored
    cross join ({{ hartonomous.normalizers('scores') | indent(4) }}) as normalizer
    order by rank
    limit greatest(top_k, 1)
),

{{ hartonomous.token_texts(settings, 'likeliest') }}

select
    likeliest.rank,
    likeliest.token_id,
    spelled.text as token,
    exp(likeliest.log_probability) as probability,
    likeliest.log_probability
from likeliest
inner join token_texts as spelled
    on spelled.token_id = likeliest.token_id
order by likeliest.rank
{%- endif %}
{%- endmacro %}

{% macro default__next_tokens(settings, weights) %}
    {% do return(hartonomous.unsupported('next_tokens')) %}
{% endmacro %}

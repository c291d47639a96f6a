{#
  score(text): how likely a model finds a text, token by token: (position, token_id, token,
  log_probability, perplexity). The first token has no log_probability, for nothing comes before it;
  perplexity = exp(-mean log_probability) of the whole text, the same in every row.

  T-SQL: sp_ScoreText.
#}
{% macro score(model=none, suffix='language') %}
    {{ hartonomous.only_where('tokenizers') }}
    {{ hartonomous.callable('sp_ScoreText' ~ hartonomous.callable_suffix(suffix), [{'name': 'text', 'type': 'text'}]) }}
    {{ adapter.dispatch('score', 'hartonomous')(hartonomous.run_settings(model, suffix), hartonomous.inference_weights(suffix)) }}
{% endmacro %}

{% macro duckdb__score(settings, weights) -%}
{%- set refusal = hartonomous.language_refusal(settings) -%}
{%- if refusal -%}
{{ hartonomous.refuse(refusal, ['position', 'token_id', 'token', 'log_probability', 'perplexity']) }}
{%- else -%}
with recursive {{ hartonomous.prompt_ctes(settings, weights, 'text') }},

{{ hartonomous.layers_ctes(settings, weights) }},

{{ hartonomous.last_layer_ctes(settings) }},

scores as materialized (
    {{ hartonomous.logits(settings, weights, 'normed_tokens') | indent(4) }}
),

normalizers as materialized (
    {{ hartonomous.normalizers('scores') | indent(4) }}
),

-- what the token before each one gave it
scored_tokens as materialized (
    select
        token.position,
        token.token_id,
        scored.logit - normalizer.log_total as log_probability
    from embedded as token
    left join scores as scored
        on scored.row_id = token.row_id - 1 and scored.token_id = token.token_id
    left join normalizers as normalizer
        on normalizer.row_id = token.row_id - 1
),

{{ hartonomous.token_texts(settings, 'scored_tokens') }}

select
    scored.position,
    scored.token_id,
    spelled.text as token,
    scored.log_probability,
    exp(-avg(scored.log_probability) over ()) as perplexity
from scored_tokens as scored
inner join token_texts as spelled
    on spelled.token_id = scored.token_id
order by scored.position
{%- endif %}
{%- endmacro %}

{% macro default__score(settings, weights) %}
    {% do return(hartonomous.unsupported('score')) %}
{% endmacro %}

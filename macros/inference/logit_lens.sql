{#
  logit_lens(text): see hidden_states.sql. The head reads every token after every layer: the cost is that of
  the vocabulary times tokens times layers.
#}
{% macro logit_lens(model=none, suffix='language') %}
    {{ hartonomous.only_where('tokenizers') }}
    {{ hartonomous.callable('sp_LogitLens' ~ hartonomous.callable_suffix(suffix), [{'name': 'text', 'type': 'text'}]) }}
    {{ adapter.dispatch('logit_lens', 'hartonomous')(hartonomous.run_settings(model, suffix), hartonomous.inference_weights(suffix)) }}
{% endmacro %}

{% macro duckdb__logit_lens(settings, weights) -%}
{%- set refusal = hartonomous.language_refusal(settings) -%}
{%- if refusal -%}
{{ hartonomous.refuse(refusal, ['layer', 'position', 'token', 'predicted_token_id', 'predicted_token', 'probability']) }}
{%- else -%}
with recursive {{ hartonomous.prompt_ctes(settings, weights, 'text') }},

{{ hartonomous.layers_ctes(settings, weights) }},

-- every token after every layer is a row of its own for the head
lens_tokens as materialized (
    select
        done.layer * (select count(*) from embedded) + done.row_id as row_id,
        done.text_id,
        done.position,
        done.layer,
        done.hidden
    from layers as done
),

normed_tokens as materialized (
    {{ hartonomous.normalize(settings, 'lens_tokens', 'hidden') | indent(4) }}
),

scores as materialized (
    {{ hartonomous.logits(settings, weights, 'normed_tokens') | indent(4) }}
),

predicted as materialized (
    select
        best.row_id,
        best.token_id,
        best.logit - normalizer.log_total as log_probability
    from (
        select
            scored.row_id,
            arg_max(scored.token_id, (scored.logit, -scored.token_id)) as token_id,
            max(scored.logit) as logit
        from scores as scored
        group by scored.row_id
    ) as best
    inner join ({{ hartonomous.normalizers('scores') | indent(4) }}) as normalizer
        on normalizer.row_id = best.row_id
),

named_tokens as (
    select predicted.token_id
    from predicted

    union

    select embedded.token_id
    from embedded
),

{{ hartonomous.token_texts(settings, 'named_tokens') }}

select
    lens.layer,
    lens.position,
    spelled.text as token,
    predicted.token_id as predicted_token_id,
    spelled_prediction.text as predicted_token,
    exp(predicted.log_probability) as probability
from lens_tokens as lens
inner join predicted
    on predicted.row_id = lens.row_id
inner join embedded as given
    on given.position = lens.position
inner join token_texts as spelled
    on spelled.token_id = given.token_id
inner join token_texts as spelled_prediction
    on spelled_prediction.token_id = predicted.token_id
order by lens.layer, lens.position
{%- endif %}
{%- endmacro %}

{% macro default__logit_lens(settings, weights) %}
    {% do return(hartonomous.unsupported('logit_lens')) %}
{% endmacro %}

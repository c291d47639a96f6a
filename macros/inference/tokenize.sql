{#
  tokenize(text): a text's tokens as the model reads it, (position, token_id, token): special tokens of
  its template included, not cut. token is as the vocabulary stores it.

  detokenize(token_ids): the text of tokens, (text); token_ids is a JSON array, '[464, 995]'. Special
  tokens are left out.

  Of the default model, else of `model`, whose callables carry `suffix`. T-SQL: sp_Tokenize,
  sp_Detokenize.
#}
{% macro tokenize(model=none, suffix='') %}
    {{ hartonomous.only_where('tokenizers') }}
    {{ hartonomous.callable('sp_Tokenize' ~ hartonomous.space_suffix(suffix), [{'name': 'text', 'type': 'text'}]) }}
    {{ adapter.dispatch('tokenize', 'hartonomous')(hartonomous.model_tokenizer(model)) }}
{% endmacro %}

{% macro duckdb__tokenize(tokenizer) -%}
{%- set tokens = source('raw', 'tokens') -%}
with input_texts as (
    select cast(0 as bigint) as text_id, cast(text as varchar) as text
),

{{ hartonomous.encode_ctes(tokenizer, 'input_texts', none) }}

select
    cast(encoded.position as integer) as position,
    encoded.token_id,
    known.token
from encoded
inner join {{ tokens }} as known
    on known.token_id = encoded.token_id
    and known.tokenizer_id = {{ hartonomous.text_literal(tokenizer.tokenizer_id) }}
order by encoded.position
{%- endmacro %}

{% macro detokenize(model=none, suffix='') %}
    {{ hartonomous.only_where('tokenizers') }}
    {{ hartonomous.callable('sp_Detokenize' ~ hartonomous.space_suffix(suffix), [{'name': 'token_ids', 'type': 'json'}]) }}
    {{ adapter.dispatch('detokenize', 'hartonomous')(hartonomous.model_tokenizer(model)) }}
{% endmacro %}

{% macro duckdb__detokenize(tokenizer) -%}
with given_tokens as (
    select
        cast(0 as bigint) as text_id,
        generate_subscripts(listed.ids, 1) as position,
        unnest(listed.ids) as token_id
    from (select from_json(cast(token_ids as varchar), '["INTEGER"]') as ids) as listed
),

{{ hartonomous.decode_ctes(tokenizer, 'given_tokens') }}

select coalesce(max(decoded.text), '') as text
from decoded
{%- endmacro %}

{% macro default__tokenize(tokenizer) %}
    {% do return(hartonomous.unsupported('tokenize')) %}
{% endmacro %}

{% macro default__detokenize(tokenizer) %}
    {% do return(hartonomous.unsupported('detokenize')) %}
{% endmacro %}

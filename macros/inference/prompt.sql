{#
  Language callables begin alike: a prompt, its tokens, their embeddings. A prompt that is longer than
  the model's positions is an error, not cut: a continuation of something else would be no answer.

  prompt_ctes(settings, weights, parameter, checks)   CTEs input_texts .. embedded of the prompt; checks
                                              are those of further parameters: (condition that must
                                              hold, message), both SQL
  range_check(name, highest)                  a check: the parameter is from 0 to highest
  minimum_check(name, lowest)                 a check: the parameter is lowest or more
  parameter_check(name, holds, wanted)        a check: a condition, and what the parameter must be
  language_refusal(settings)                  why this model predicts no tokens, '' where it does
  token_texts(settings, tokens)               CTEs that give every token of `tokens` (token_id) its
                                              text: `token_texts` (token_id, text)
#}
{% macro prompt_ctes(settings, weights, parameter, checks=[]) -%}
input_texts as (
    select cast(0 as bigint) as text_id, cast({{ parameter }} as varchar) as text
),

{{ hartonomous.encode_ctes(hartonomous.tokenizer_settings(settings.tokenizer_id), 'input_texts', none) }},

fitting_tokens as materialized (
    select given.text_id, given.position, {{ hartonomous.known_token(settings, 'given') }} as token_id
    from encoded as given
    where case
        when (select count(*) from encoded) > {{ settings.max_positions }}
            then error(
                'the text has ' || (select count(*) from encoded)
                || ' tokens, and the model reads {{ settings.max_positions }} at most'
            ) is null
        {%- for holds, message in checks %}
        when not coalesce({{ holds }}, false) then error({{ message }}) is null
        {%- endfor %}
        else true
    end
),

{{ hartonomous.embedded_ctes(settings, weights, 'fitting_tokens') }}
{%- endmacro %}

{% macro range_check(name, highest) %}
    {% do return(hartonomous.parameter_check(name, name ~ ' between 0 and ' ~ highest, 'from 0 to ' ~ highest)) %}
{% endmacro %}

{% macro minimum_check(name, lowest) %}
    {% do return(hartonomous.parameter_check(name, name ~ ' >= ' ~ lowest, lowest ~ ' or more')) %}
{% endmacro %}

{% macro parameter_check(name, holds, wanted) %}
    {% do return([
        holds, "'" ~ name ~ ' must be ' ~ wanted ~ "; it is ' || coalesce(cast(" ~ name ~ " as varchar), 'null')",
    ]) %}
{% endmacro %}

{% macro language_refusal(settings) %}
    {% if not execute %}
        {% do return('') %}
    {% elif settings.refusal %}
        {% do return(settings.refusal) %}
    {% elif not settings.has_head %}
        {% do return('the model ' ~ settings.name ~ ' predicts no tokens: it has no language-model head over causal attention') %}
    {% endif %}
    {% do return(hartonomous.text_refusal(settings)) %}
{% endmacro %}

{# Each token is decoded by itself: a piece of a character reads as the replacement character. #}
{% macro token_texts(settings, tokens) -%}
tokens_to_spell as materialized (
    select distinct cast(wanted.token_id as bigint) as text_id, 0 as position, wanted.token_id
    from {{ tokens }} as wanted
),

{{ hartonomous.decode_ctes(hartonomous.tokenizer_settings(settings.tokenizer_id), 'tokens_to_spell', skip_special=false) }},

token_texts as (
    select cast(decoded.text_id as integer) as token_id, decoded.text
    from decoded
)
{%- endmacro %}

{# The tokens that left the last layer, normalized: what the head reads. #}
{% macro last_layer_ctes(settings) -%}
last_layer as materialized (
    select last.row_id, last.text_id, last.position, last.hidden
    from layers as last
    where last.layer = {{ settings.layers }}
),

normed_tokens as materialized (
    {{ hartonomous.normalize(settings, 'last_layer', 'hidden') | indent(4) }}
)
{%- endmacro %}

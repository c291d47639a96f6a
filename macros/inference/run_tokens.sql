{#
  Decoding a token at a time, for a caller that keeps the key/value cache in a table of its session
  (hartonomous.inference.generation does): each step plans one forward pass and one choice, and the
  caller has every token when it is chosen.

  run_tokens(tokens_relation, cache_relation)
      runs tokens (position, token_id) through all layers over a cache (layer, position, hidden,
      outputs) and gives the rows to add to it: layer from 1, keys and values of that layer, and for
      the last layer also the token's vector.
  choose_token(cache_relation, temperature, top_k, top_p, seed, step)
      the token after the last one of the cache: (token_id, log_probability, is_end); sampling.sql.

  Only where a callable can read a relation that is named by a parameter (DuckDB's query_table); in
  T-SQL sp_GenerateText loops by itself.
#}
{% macro run_tokens(model=none, suffix='language') %}
    {{ hartonomous.only_where('relation_parameters') }}
    {{ hartonomous.callable('run_tokens' ~ hartonomous.callable_suffix(suffix), [
        {'name': 'tokens_relation', 'type': 'key'},
        {'name': 'cache_relation', 'type': 'key'},
    ]) }}
    {{ adapter.dispatch('run_tokens', 'hartonomous')(hartonomous.run_settings(model, suffix), hartonomous.inference_weights(suffix)) }}
{% endmacro %}

{% macro duckdb__run_tokens(settings, weights) -%}
{%- set refusal = hartonomous.language_refusal(settings) -%}
{%- if refusal -%}
{{ hartonomous.refuse(refusal, ['layer', 'position', 'hidden', 'outputs']) }}
{%- else -%}
with recursive pending_tokens as materialized (
    select cast(0 as bigint) as text_id, given.position, {{ hartonomous.known_token(settings, 'given') }} as token_id
    from query_table(tokens_relation) as given
),

{{ hartonomous.embedded_ctes(settings, weights, 'pending_tokens') }},

layers as (
    select
        0 as layer,
        embedded.position as row_id,
        embedded.text_id,
        embedded.position,
        embedded.hidden,
        cast(null as float[]) as outputs
    from embedded

    union all

    (
        with current_tokens as materialized (
            select newest.layer, newest.row_id, newest.text_id, newest.position, newest.hidden
            from layers as newest
            where newest.layer < {{ settings.layers }}
        ),

        {{ hartonomous.layer_ctes(settings, weights, cached=hartonomous.cached_keys_values()) | indent(8) }}

        select this_layer.layer + 1, done.row_id, done.text_id, done.position, done.hidden, seen.outputs
        from layer_output as done
        inner join keys_values as seen
            on seen.position = done.position
        cross join this_layer
    )
)

select
    done.layer,
    done.position,
    case when done.layer = {{ settings.layers }} then done.hidden end as hidden,
    done.outputs
from layers as done
where done.layer > 0
{%- endif %}
{%- endmacro %}

{% macro cached_keys_values() -%}
select cast(0 as bigint) as text_id, earlier.position, earlier.outputs
from query_table(cache_relation) as earlier
where earlier.layer in (select this_layer.layer + 1 from this_layer)
{%- endmacro %}

{% macro choose_token(model=none, suffix='language') %}
    {{ hartonomous.only_where('relation_parameters') }}
    {{ hartonomous.callable('choose_token' ~ hartonomous.callable_suffix(suffix), [
        {'name': 'cache_relation', 'type': 'key'},
        {'name': 'temperature', 'type': 'double', 'default': 0},
        {'name': 'top_k', 'type': 'int', 'default': 0},
        {'name': 'top_p', 'type': 'double', 'default': 1},
        {'name': 'seed', 'type': 'bigint', 'default': 0},
        {'name': 'step', 'type': 'int', 'default': 0},
    ]) }}
    {{ adapter.dispatch('choose_token', 'hartonomous')(hartonomous.run_settings(model, suffix), hartonomous.inference_weights(suffix)) }}
{% endmacro %}

{% macro duckdb__choose_token(settings, weights) -%}
{%- set refusal = hartonomous.language_refusal(settings) -%}
{%- if refusal -%}
{{ hartonomous.refuse(refusal, ['token_id', 'log_probability', 'is_end', 'considered']) }}
{%- else -%}
with last_token as materialized (
    select finished.position as row_id, cast(0 as bigint) as text_id, finished.position, finished.hidden
    from query_table(cache_relation) as finished
    where finished.layer = {{ settings.layers }}
    order by finished.position desc
    limit 1
),

normed_token as materialized (
    {{ hartonomous.normalize(settings, 'last_token', 'hidden') | indent(4) }}
),

scores as materialized (
    {{ hartonomous.logits(settings, weights, 'normed_token') | indent(4) }}
),

{{ hartonomous.choose_ctes('scores', 'temperature', 'top_k', 'top_p', 'seed', 'step', settings.vocabulary_size) }}

select
    chosen.token_id,
    chosen.log_probability,
    {{ hartonomous.is_end_token(settings, 'chosen.token_id') }} as is_end,
    -- for the inference log: the likeliest of the others
    (
        select to_json(list(
            {id: other.token_id, logprob: other.logit + chosen.log_probability - own.logit}
            order by other.logit desc, other.token_id
        ))
        from (
            select scored.token_id, scored.logit
            from scores as scored
            where scored.token_id <> chosen.token_id
            order by scored.logit desc, scored.token_id
            limit 5
        ) as other
        cross join (select scored.logit from scores as scored where scored.token_id = chosen.token_id) as own
    ) as considered
from chosen
{%- endif %}
{%- endmacro %}

{% macro default__run_tokens(settings, weights) %}
    {% do return(hartonomous.unsupported('run_tokens')) %}
{% endmacro %}

{% macro default__choose_token(settings, weights) %}
    {% do return(hartonomous.unsupported('choose_token')) %}
{% endmacro %}

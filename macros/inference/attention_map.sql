{#
  attention_map(text, layer, head): see hidden_states.sql. The layers before are run, and of this one the
  attention alone.
#}
{% macro attention_map(model=none, suffix='') %}
    {{ hartonomous.only_where('tokenizers') }}
    {{ hartonomous.callable('sp_AttentionMap' ~ hartonomous.space_suffix(suffix), [
        {'name': 'text', 'type': 'text'},
        {'name': 'layer', 'type': 'int'},
        {'name': 'head', 'type': 'int'},
    ]) }}
    {{ adapter.dispatch('attention_map', 'hartonomous')(hartonomous.run_settings(model, suffix), hartonomous.inference_weights(suffix)) }}
{% endmacro %}

{% macro duckdb__attention_map(settings, weights) -%}
{%- set refusal = settings.refusal or hartonomous.text_refusal(settings) -%}
{%- if refusal -%}
{{ hartonomous.refuse(refusal, ['position', 'token', 'attends_to', 'attended_token', 'weight']) }}
{%- else -%}
with recursive {{ hartonomous.prompt_ctes(settings, weights, 'text', [
    hartonomous.range_check('layer', settings.layers - 1), hartonomous.range_check('head', settings.heads - 1),
]) }},

{{ hartonomous.layers_ctes(settings, weights, last_layer='layer') }},

this_layer as materialized (
    select cast(layer as integer) as layer
),

current_tokens as materialized (
    select done.row_id, done.text_id, done.position, done.hidden
    from layers as done
    inner join this_layer
        on this_layer.layer = done.layer
),

{{ hartonomous.attention_weight_ctes(settings, weights) }},

{{ hartonomous.token_texts(settings, 'embedded') }},

spelled_tokens as (
    select token.position, spelled.text
    from embedded as token
    inner join token_texts as spelled
        on spelled.token_id = token.token_id
),

pairs as (
    select
        weighted.position,
        unnest(range(len(weighted.weights))) as attends_to,
        unnest(weighted.weights) as weight
    from attention_weights as weighted
    where weighted.head = head
)

select
    pairs.position,
    asking.text as token,
    pairs.attends_to,
    seen.text as attended_token,
    pairs.weight
from pairs
inner join spelled_tokens as asking
    on asking.position = pairs.position
inner join spelled_tokens as seen
    on seen.position = pairs.attends_to
order by pairs.position, pairs.attends_to
{%- endif %}
{%- endmacro %}

{% macro default__attention_map(settings, weights) %}
    {% do return(hartonomous.unsupported('attention_map')) %}
{% endmacro %}

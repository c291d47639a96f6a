{#
  What no black box shows, of any landed model. Layers count as in transformers:

  hidden_states(text, layer)       (position, token_id, token, hidden) after so many layers: 0 is what
                                   goes into the first, the last is last_hidden_state (final norm in)
  attention_map(text, layer, head) (position, token, attends_to, attended_token, weight) of one head
                                   of one layer, both counted from 0 as in the catalog
  logit_lens(text)                 (layer, position, token, predicted_token_id, predicted_token,
                                   probability): what the head would predict if the model ended after
                                   that layer (nostalgebraist 2020)

  T-SQL: sp_HiddenStates, sp_AttentionMap, sp_LogitLens.
#}
{% macro hidden_states(model=none, suffix='') %}
    {{ hartonomous.only_where('tokenizers') }}
    {{ hartonomous.callable('sp_HiddenStates' ~ hartonomous.space_suffix(suffix), [
        {'name': 'text', 'type': 'text'},
        {'name': 'layer', 'type': 'int'},
    ]) }}
    {{ adapter.dispatch('hidden_states', 'hartonomous')(hartonomous.run_settings(model, suffix), hartonomous.inference_weights(suffix)) }}
{% endmacro %}

{% macro duckdb__hidden_states(settings, weights) -%}
{%- set refusal = settings.refusal or hartonomous.text_refusal(settings) -%}
{%- if refusal -%}
{{ hartonomous.refuse(refusal, ['position', 'token_id', 'token', 'hidden']) }}
{%- else -%}
with recursive {{ hartonomous.prompt_ctes(settings, weights, 'text', [hartonomous.range_check('layer', settings.layers)]) }},

{{ hartonomous.layers_ctes(settings, weights, last_layer='layer') }},

wanted as materialized (
    select done.row_id, done.text_id, done.position, done.hidden
    from layers as done
    where done.layer = layer
),

shown as (
{%- if settings.is_pre_norm %}
    select wanted.row_id, wanted.hidden
    from wanted
    where layer < {{ settings.layers }}

    union all

    select last.row_id, last.hidden
    from ({{ hartonomous.final_hidden(settings, weights, 'wanted') | indent(4) }}) as last
    where layer = {{ settings.layers }}
{%- else %}
    select
        wanted.row_id,
        cast(
            list_transform(list_zip(wanted.hidden, norm.gain, norm.bias), lambda term: term[1] * term[2] + term[3])
            as float[]
        ) as hidden
    from wanted
    left join {{ weights.norms }} as norm
        on (norm.place = 'attention_input' and norm.layer = layer and layer < {{ settings.layers }})
        or (norm.place = 'final' and layer = {{ settings.layers }})
{%- endif %}
),

{{ hartonomous.token_texts(settings, 'embedded') }}

select token.position, token.token_id, spelled.text as token, shown.hidden
from embedded as token
inner join shown
    on shown.row_id = token.row_id
inner join token_texts as spelled
    on spelled.token_id = token.token_id
order by token.position
{%- endif %}
{%- endmacro %}

{% macro default__hidden_states(settings, weights) %}
    {% do return(hartonomous.unsupported('hidden_states')) %}
{% endmacro %}

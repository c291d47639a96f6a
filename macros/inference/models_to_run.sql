{#
  Which model a callable without a suffix serves.

  embedding_model_name()   embed, embed_table, semantic_search, hidden_states, attention_map: the var
                           default_embedding_model; else the model of the default space, where it is
                           landed; else the first landed model that embeds (BERT's family, or one with
                           sentence-transformers' modules.json).
  language_model_name()    next_tokens, score, generate, generate_beam, logit_lens: the var
                           default_language_model; else the first landed model with a language-model
                           head over causal attention (families gpt2, llama).

  The same choice in Python: hartonomous.inference.models.
#}
{% macro embedding_model_name() %}
    {%- set models = source('raw', 'models') -%}
    {%- set spaces = source('raw', 'spaces') -%}
    {% if var('default_embedding_model') or not execute %}
        {% do return(var('default_embedding_model')) %}
    {% endif %}
    {%- set space = hartonomous.space_settings().space_id -%}
    {%- set found = run_query(
        'select model.name from ' ~ models ~ ' as model left join ' ~ spaces ~ ' as space '
        ~ 'on space.model_id = model.model_id and space.space_id = ' ~ hartonomous.text_literal(space)
        ~ " where space.space_id is not null or model.family = 'bert' or model.config like '%\"modules\"%'"
        ~ ' order by case when space.space_id is null then 1 else 0 end, model.ingested_at, model.name'
    ) -%}
    {% do return(found.rows[0][0] if found is not none and found.rows | length > 0 else '') %}
{% endmacro %}

{% macro language_model_name() %}
    {%- set models = source('raw', 'models') -%}
    {%- set model_tensors = source('raw', 'model_tensors') -%}
    {% if var('default_language_model') or not execute %}
        {% do return(var('default_language_model')) %}
    {% endif %}
    {%- set found = run_query(
        'select model.name from ' ~ models ~ " as model where model.family in ('gpt2', 'llama') and exists ("
        ~ 'select 1 from ' ~ model_tensors ~ " as head where head.model_id = model.model_id and head.role = 'head')"
        ~ ' order by model.ingested_at, model.name'
    ) -%}
    {% do return(found.rows[0][0] if found is not none and found.rows | length > 0 else '') %}
{% endmacro %}

{#
  run_settings(model, suffix): model_settings of the model that a node of this suffix serves: '' the
  default embedding model, 'language' the default language model, another the model it is named by.
#}
{% macro run_settings(model, suffix) %}
    {%- set embedding = hartonomous.embedding_model_name() -%}
    {%- set language = hartonomous.language_model_name() -%}
    {%- set name = model or (language if suffix == 'language' else embedding) -%}
    {% do return(hartonomous.model_settings(name)) %}
{% endmacro %}

{# Names of the weight tables of a suffix, for the macros that compose statements. #}
{% macro inference_weights(suffix) %}
    {%- set ending = hartonomous.space_suffix(suffix) -%}
    {% do return({
        'token_embeddings': ref('inference_token_embeddings' ~ ending),
        'position_embeddings': ref('inference_position_embeddings' ~ ending),
        'rotations': ref('inference_rotations' ~ ending),
        'attention_inputs': ref('inference_attention_inputs' ~ ending),
        'attention_outputs': ref('inference_attention_outputs' ~ ending),
        'feed_forward_inputs': ref('inference_feed_forward_inputs' ~ ending),
        'feed_forward_outputs': ref('inference_feed_forward_outputs' ~ ending),
        'norms': ref('inference_norms' ~ ending),
        'heads': ref('inference_heads' ~ ending),
    }) %}
{% endmacro %}

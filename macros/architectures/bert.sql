{#
  BERT (Devlin et al. 2018), RoBERTa (Liu et al. 2019) and DistilBERT (Sanh et al. 2019): normalized
  after attention and after feed-forward, learned positions, every token sees every other.
#}
{% macro bert_settings(settings, config, shapes) %}
    {%- set kind = config.get('model_type', 'bert') -%}
    {%- set activations = {'gelu': 'gelu', 'gelu_new': 'gelu_tanh', 'gelu_pytorch_tanh': 'gelu_tanh', 'relu': 'relu', 'silu': 'silu', 'swish': 'silu'} -%}
    {%- set activation = config.get('hidden_act') or config.get('activation') or 'gelu' -%}
    {%- set offset = (config.get('pad_token_id', 1) or 0) + 1 if kind in ['roberta', 'xlm-roberta', 'camembert'] else 0 -%}
    {%- set positions = shapes.get('embedding_position', {'rows': 0}).rows -%}
    {% if kind not in ['bert', 'roberta', 'xlm-roberta', 'camembert', 'distilbert'] %}
        {% do settings.update({'refusal': 'its model_type ' ~ kind ~ ' is not BERT, RoBERTa or DistilBERT in every layer'}) %}
    {% elif activation not in activations %}
        {% do settings.update({'refusal': 'its activation ' ~ activation}) %}
    {% elif config.get('position_embedding_type', 'absolute') != 'absolute' %}
        {% do settings.update({'refusal': 'its position_embedding_type ' ~ config.get('position_embedding_type')}) %}
    {% elif config.get('is_decoder') %}
        {% do settings.update({'refusal': 'it is a decoder (is_decoder)'}) %}
    {% elif positions <= offset %}
        {% do settings.update({'refusal': 'it has no learned positions'}) %}
    {% endif %}
    {% do settings.update({
        'norm': 'layer_norm',
        'norm_epsilon': config.get('layer_norm_eps', 1e-12),
        'is_pre_norm': false,
        'is_causal': false,
        'activation': activations.get(activation, 'gelu'),
        'feed_forward_size': config.get('intermediate_size') or config.get('hidden_dim') or 4 * settings.hidden_size,
        'positions': 'learned',
        'position_offset': offset,
        'max_positions': positions - offset,
        'has_token_types': 'embedding_type' in shapes,
        'attention_scale': settings.head_size ** -0.5,
    }) %}
{% endmacro %}

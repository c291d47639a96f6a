{#
  GPT-2 (Radford et al. 2019): normalized before attention and before feed-forward, learned
  positions, a token sees itself and earlier ones.
#}
{% macro gpt2_settings(settings, config, shapes) %}
    {%- set activations = {'gelu_new': 'gelu_tanh', 'gelu_pytorch_tanh': 'gelu_tanh', 'gelu_fast': 'gelu_tanh', 'gelu': 'gelu', 'relu': 'relu', 'silu': 'silu', 'swish': 'silu'} -%}
    {%- set activation = config.get('activation_function') or 'gelu_new' -%}
    {%- set positions = shapes.get('embedding_position', {'rows': 0}).rows -%}
    {% if activation not in activations %}
        {% do settings.update({'refusal': 'its activation_function ' ~ activation}) %}
    {% elif config.get('scale_attn_by_inverse_layer_idx') %}
        {% do settings.update({'refusal': 'its attention scaled by layer (scale_attn_by_inverse_layer_idx)'}) %}
    {% elif config.get('add_cross_attention') %}
        {% do settings.update({'refusal': 'its cross-attention (add_cross_attention)'}) %}
    {% elif positions == 0 %}
        {% do settings.update({'refusal': 'it has no learned positions'}) %}
    {% endif %}
    {% do settings.update({
        'norm': 'layer_norm',
        'norm_epsilon': config.get('layer_norm_epsilon', 1e-5),
        'is_pre_norm': true,
        'is_causal': true,
        'activation': activations.get(activation, 'gelu_tanh'),
        'feed_forward_size': config.get('n_inner') or 4 * settings.hidden_size,
        'positions': 'learned',
        'max_positions': positions,
        'attention_scale': settings.head_size ** -0.5 if config.get('scale_attn_weights', true) else 1.0,
    }) %}
{% endmacro %}

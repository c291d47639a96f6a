{#
  Llama (Touvron et al. 2023) and what has its layers (Mistral, Qwen2, SmolLM): RMSNorm before
  attention and before feed-forward, rotary positions, keys and values shared by groups of heads,
  SwiGLU.
#}
{% macro llama_settings(settings, config, shapes) %}
    {%- set kind = config.get('model_type', 'llama') -%}
    {%- set activations = {'silu': 'silu', 'swish': 'silu', 'gelu': 'gelu', 'gelu_pytorch_tanh': 'gelu_tanh', 'gelu_new': 'gelu_tanh', 'relu': 'relu'} -%}
    {%- set activation = config.get('hidden_act') or 'silu' -%}
    {%- set rope = config.get('rope_parameters') or config.get('rope_scaling') or {} -%}
    {%- set rope_type = rope.get('rope_type') or rope.get('type') or 'default' -%}
    {%- set positions = config.get('max_position_embeddings') or 2048 -%}
    {%- set windows = config.get('sliding_window') and (kind == 'mistral' or config.get('use_sliding_window')) -%}
    {% if kind not in ['llama', 'mistral', 'qwen2'] %}
        {% do settings.update({'refusal': 'its model_type ' ~ kind ~ ' is not Llama, Mistral or Qwen2 in every layer'}) %}
    {% elif activation not in activations %}
        {% do settings.update({'refusal': 'its hidden_act ' ~ activation}) %}
    {% elif rope_type not in ['default', 'linear', 'llama3'] %}
        {% do settings.update({'refusal': 'its rotary positions of type ' ~ rope_type}) %}
    {% elif rope.get('partial_rotary_factor', config.get('partial_rotary_factor', 1.0)) != 1.0 %}
        {% do settings.update({'refusal': 'its rotary positions of a part of each head (partial_rotary_factor)'}) %}
    {% elif settings.head_size % 2 or settings.heads % settings.key_value_heads %}
        {% do settings.update({'refusal': settings.heads ~ ' heads of ' ~ settings.head_size ~ ' over ' ~ settings.key_value_heads ~ ' key/value heads'}) %}
    {% endif %}
    {% do settings.update({
        'norm': 'rms_norm',
        'norm_epsilon': config.get('rms_norm_eps', 1e-6),
        'is_pre_norm': true,
        'is_causal': true,
        'is_gated': true,
        'activation': activations.get(activation, 'silu'),
        'feed_forward_size': config.get('intermediate_size', 4 * settings.hidden_size),
        'positions': 'rotary',
        'rotary_frequencies': hartonomous.rotary_frequencies(
            settings.head_size, rope.get('rope_theta') or config.get('rope_theta') or 10000.0, rope_type, rope
        ) if not settings.refusal else [],
        'max_positions': [positions, config.get('sliding_window')] | min if windows else positions,
        'attention_scale': settings.head_size ** -0.5,
    }) %}
{% endmacro %}

{#
  Radians a position for each pair of dimensions (Su et al. 2021): theta ** (-2 i / head_size).
  linear divides all by a factor; llama3 divides the slow ones and blends between (Llama 3.1's
  rope_scaling, transformers modeling_rope_utils.py).
#}
{% macro rotary_frequencies(head_size, theta, rope_type, rope) %}
    {%- set frequencies = [] -%}
    {%- set two_pi = 6.283185307179586 -%}
    {%- for pair in range(head_size // 2) -%}
        {%- set base = theta ** (-2.0 * pair / head_size) -%}
        {% if rope_type == 'linear' %}
            {% do frequencies.append(base / rope.get('factor', 1.0)) %}
        {% elif rope_type == 'llama3' %}
            {%- set length = rope.get('original_max_position_embeddings', 8192) -%}
            {%- set low = length / rope.get('low_freq_factor', 1.0) -%}
            {%- set high = length / rope.get('high_freq_factor', 4.0) -%}
            {%- set wavelength = two_pi / base -%}
            {% if wavelength < high %}
                {% do frequencies.append(base) %}
            {% elif wavelength > low %}
                {% do frequencies.append(base / rope.get('factor', 8.0)) %}
            {% else %}
                {%- set smooth = (length / wavelength - rope.get('low_freq_factor', 1.0))
                    / (rope.get('high_freq_factor', 4.0) - rope.get('low_freq_factor', 1.0)) -%}
                {% do frequencies.append((1 - smooth) * base / rope.get('factor', 8.0) + smooth * base) %}
            {% endif %}
        {% else %}
            {% do frequencies.append(base) %}
        {% endif %}
    {%- endfor -%}
    {% do return(frequencies) %}
{% endmacro %}

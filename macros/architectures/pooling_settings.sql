{#
  How token vectors become one embedding, from the files of sentence-transformers: modules.json, the
  Pooling module's config.json and sentence_bert_config.json. A model without them pools by the mean
  and is not normalized, as sentence-transformers itself does with a bare transformer.
#}
{% macro pooling_settings(settings, config) %}
    {%- set files = config.get('sentence_transformers') or {} -%}
    {%- set pooling = files.get('pooling') or {} -%}
    {%- set modes = [
        ('pooling_mode_cls_token', 'cls'),
        ('pooling_mode_mean_tokens', 'mean'),
        ('pooling_mode_max_tokens', 'max'),
        ('pooling_mode_mean_sqrt_len_tokens', 'mean_sqrt_len'),
        ('pooling_mode_lasttoken', 'lasttoken'),
        ('pooling_mode_weightedmean_tokens', 'weightedmean'),
    ] -%}
    {%- set chosen = [pooling.get('pooling_mode')] if pooling.get('pooling_mode') is string else [] -%}
    {%- for flag, mode in modes if pooling.get(flag) -%}
        {% do chosen.append(mode) %}
    {%- endfor -%}
    {%- set chosen = chosen or ['mean'] -%}
    {% if chosen | length > 1 or chosen[0] not in ['cls', 'mean', 'max', 'mean_sqrt_len', 'lasttoken'] %}
        {% do settings.update({'pooling_refusal': 'pooling by ' ~ chosen | join(' and ')}) %}
    {% endif %}
    {%- for module in files.get('modules') or [] -%}
        {%- set kind = (module.get('type') or '').split('.')[-1] -%}
        {% if kind == 'Normalize' %}
            {% do settings.update({'is_normalized': true}) %}
        {% elif kind not in ['Transformer', 'Pooling'] %}
            {% do settings.update({'pooling_refusal': 'its sentence-transformers module ' ~ kind}) %}
        {% endif %}
    {%- endfor -%}
    {%- set longest = (files.get('sentence_bert_config') or {}).get('max_seq_length') -%}
    {% do settings.update({
        'pooling': chosen[0],
        'max_tokens': [longest | int, settings.max_positions] | min if longest else settings.max_positions,
    }) %}
{% endmacro %}

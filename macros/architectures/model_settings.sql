{#
  model_settings(name): what a landed model's configuration says, in one vocabulary for every
  architecture; the macros of macros/inference and macros/kernels read nothing else.

    name, model_id, tokenizer_id, family
    refusal             why this model cannot be run, '' where it can: the callables raise it
    hidden_size, layers, heads, key_value_heads, head_size, feed_forward_size, vocabulary_size
    norm                layer_norm | rms_norm, with norm_epsilon
    is_pre_norm         normalized before attention and feed-forward (GPT-2, Llama), else after (BERT)
    is_causal           a token sees no later one
    is_gated            feed-forward of two projections, one the other's gate (SwiGLU)
    activation          gelu | gelu_tanh | silu | relu
    positions           learned | rotary, with position_offset, max_positions
    rotary_frequencies  radians a position, one for each pair of dimensions of a head
    has_head            a language-model head: tokens can be predicted
    end_tokens          ids that end a generation
    pooling             mean | cls | max | lasttoken | mean_sqrt_len, with is_normalized
    max_tokens          tokens that an embedding reads at most

  A family's own file (bert.sql, gpt2.sql, llama.sql) fills them from its config.json.
#}
{% macro model_settings(name) %}
    {%- set settings = hartonomous.empty_model_settings(name) -%}
    {%- set models = source('raw', 'models') -%}
    {%- set model_tensors = source('raw', 'model_tensors') -%}
    {%- set tensors = source('raw', 'tensors') -%}
    {% if not execute or not name %}
        {% do return(settings) %}
    {% endif %}
    {%- set found = run_query(
        'select model_id, family, config, tokenizer_id, layers, hidden_size, attention_heads, '
        ~ 'key_value_heads, head_size, vocabulary_size, architecture from ' ~ models
        ~ ' where name = ' ~ hartonomous.text_literal(name)
    ) -%}
    {% if found is none or found.rows | length == 0 %}
        {% do return(settings) %}
    {% endif %}
    {%- set row = found.rows[0] -%}
    {%- set config = fromjson(row[2]) -%}
    {% do settings.update({
        'model_id': row[0], 'family': row[1], 'tokenizer_id': row[3], 'architecture': row[10],
        'layers': row[4] | int, 'hidden_size': row[5] | int, 'heads': row[6] | int,
        'key_value_heads': row[7] | int, 'head_size': row[8] | int, 'vocabulary_size': row[9] | int,
        'refusal': '',
    }) %}
    {%- set shapes = {} -%}
    {%- for role, tensor_count, rows, width in run_query(
        'select link.role, count(*), max(tensor.row_count), max(tensor.width) from ' ~ model_tensors
        ~ ' as link inner join ' ~ tensors ~ ' as tensor on tensor.tensor_id = link.tensor_id '
        ~ 'where link.model_id = ' ~ hartonomous.text_literal(settings.model_id) ~ ' group by link.role'
    ).rows -%}
        {% do shapes.update({role: {'tensors': tensor_count | int, 'rows': rows | int, 'width': width | int}}) %}
    {%- endfor -%}
    {% if settings.family == 'bert' %}
        {% do hartonomous.bert_settings(settings, config.get('config') or {}, shapes) %}
    {% elif settings.family == 'gpt2' %}
        {% do hartonomous.gpt2_settings(settings, config.get('config') or {}, shapes) %}
    {% elif settings.family == 'llama' %}
        {% do hartonomous.llama_settings(settings, config.get('config') or {}, shapes) %}
    {% else %}
        {% do settings.update({'refusal': 'its architecture ' ~ settings.architecture ~ ' is none of the families bert, gpt2, llama'}) %}
    {% endif %}
    {% if not settings.refusal %}
        {% do hartonomous.check_shapes(settings, shapes) %}
        {% do hartonomous.end_token_settings(settings, config) %}
        {% do hartonomous.pooling_settings(settings, config) %}
    {% endif %}
    {% if settings.refusal %}
        {% do settings.update({'refusal': 'the model ' ~ name ~ ' cannot be run in SQL: ' ~ settings.refusal}) %}
    {% endif %}
    {% do return(settings) %}
{% endmacro %}

{# What macros render with while nothing is landed, and while dbt parses: then nothing is refused, so
   that dbt sees every reference. #}
{% macro empty_model_settings(name) %}
    {% do return({
        'name': name, 'model_id': '', 'family': '', 'tokenizer_id': '', 'architecture': '',
        'refusal': '' if not execute else 'the model ' ~ name ~ ' is not landed' if name
            else 'no model that can do this is landed',
        'hidden_size': 1, 'layers': 0, 'heads': 1, 'key_value_heads': 1, 'head_size': 1,
        'feed_forward_size': 1, 'vocabulary_size': 1,
        'norm': 'layer_norm', 'norm_epsilon': 0.00001, 'is_pre_norm': true, 'is_causal': true,
        'is_gated': false, 'activation': 'gelu', 'positions': 'learned', 'position_offset': 0,
        'max_positions': 1, 'rotary_frequencies': [], 'attention_scale': 1.0,
        'has_head': false, 'has_token_types': false, 'end_tokens': [], 'pooling': 'mean',
        'is_normalized': false, 'max_tokens': 1,
    }) %}
{% endmacro %}

{# Every layer needs its tensors, in the shapes that the configuration names. #}
{% macro check_shapes(settings, shapes) %}
    {%- set query_size = settings.heads * settings.head_size -%}
    {%- set wanted = {
        'embedding_token': [1, settings.vocabulary_size, settings.hidden_size],
        'attention_query': [settings.layers, query_size, settings.hidden_size],
        'attention_key': [settings.layers, settings.key_value_heads * settings.head_size, settings.hidden_size],
        'attention_value': [settings.layers, settings.key_value_heads * settings.head_size, settings.hidden_size],
        'attention_output': [settings.layers, settings.hidden_size, query_size],
        'attention_norm': [settings.layers, 1, settings.hidden_size],
        'feed_forward_up': [settings.layers, settings.feed_forward_size, settings.hidden_size],
        'feed_forward_down': [settings.layers, settings.hidden_size, settings.feed_forward_size],
        'feed_forward_norm': [settings.layers, 1, settings.hidden_size],
    } -%}
    {% if settings.is_gated %}
        {% do wanted.update({'feed_forward_gate': wanted['feed_forward_up']}) %}
    {% endif %}
    {% do wanted.update({'final_norm' if settings.is_pre_norm else 'embedding_norm': [1, 1, settings.hidden_size]}) %}
    {%- for role, shape in wanted.items() -%}
        {%- set found = shapes.get(role, {'tensors': 0, 'rows': 0, 'width': 0}) -%}
        {% if not settings.refusal and [found.tensors, found.rows, found.width] != shape %}
            {% do settings.update({'refusal': 'it has ' ~ found.tensors ~ ' tensors of ' ~ found.rows ~ ' x '
                ~ found.width ~ ' as ' ~ role ~ ' where its configuration means ' ~ shape[0] ~ ' of '
                ~ shape[1] ~ ' x ' ~ shape[2]}) %}
        {% endif %}
    {%- endfor -%}
    {%- set head = shapes.get('head', {'rows': 0, 'width': 0}) -%}
    {% do settings.update({'has_head': settings.is_causal and [head.rows, head.width] == [settings.vocabulary_size, settings.hidden_size]}) %}
{% endmacro %}

{# generation_config.json decides over config.json, as in transformers. #}
{% macro end_token_settings(settings, config) %}
    {%- set own = (config.get('generation_config') or {}).get('eos_token_id') -%}
    {%- set named = own if own is not none else (config.get('config') or {}).get('eos_token_id') -%}
    {% if named is none or named is undefined %}
        {%- set ids = [] -%}
    {% elif named is number %}
        {%- set ids = [named | int] -%}
    {% else %}
        {%- set ids = named | map('int') | list -%}
    {% endif %}
    {% do settings.update({'end_tokens': ids}) %}
{% endmacro %}

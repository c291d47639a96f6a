{#
  tokenizer_settings(tokenizer_id): what the macros of this folder need to know of a tokenizer: a
  dictionary of tokenizer_id, algorithm, refusal, everything in raw.tokenizer_rules.settings, and
  added_tokens, its rows of raw.tokenizer_added_tokens as dictionaries. Where there is no such
  tokenizer (nothing landed, parsing) it is refused, as one that SQL does not run is.

  model_tokenizer(model): the settings of a landed model's tokenizer; the default model's without a
  name.

  tokenizer_key(tokenizer_id): the number by which the tables of this folder know a tokenizer, made
  of the first 15 hexadecimal digits of its id: scans compare a number and not a text of 64.
#}
{% macro tokenizer_settings(tokenizer_id) %}
    {%- set settings = {
        'tokenizer_id': tokenizer_id or '',
        'algorithm': 'unsupported',
        'refusal': 'a model without a tokenizer',
        'before': [], 'after': [], 'added_tokens': [], 'decoder': 'unsupported',
    } -%}
    {%- set rules = source('raw', 'tokenizer_rules') -%}
    {%- set added = source('raw', 'tokenizer_added_tokens') -%}
    {% if execute and tokenizer_id %}
        {%- set id = hartonomous.text_literal(tokenizer_id) -%}
        {%- set found = run_query(
            'select algorithm, refusal, settings from ' ~ rules ~ ' where tokenizer_id = ' ~ id
        ) -%}
        {% if found is not none and found.rows | length > 0 %}
            {% do settings.update(fromjson(found.rows[0][2])) %}
            {% do settings.update({'algorithm': found.rows[0][0], 'refusal': found.rows[0][1]}) %}
            {%- set columns = [
                'token_id', 'content', 'pattern', 'is_single_word', 'strips_left', 'strips_right', 'is_normalized',
            ] -%}
            {% for row in run_query(
                'select ' ~ columns | join(', ') ~ ' from ' ~ added ~ ' where tokenizer_id = ' ~ id ~ ' order by ordinal'
            ).rows %}
                {% do settings['added_tokens'].append(dict(zip(columns, row))) %}
            {% endfor %}
        {% endif %}
    {% endif %}
    {% do return(settings) %}
{% endmacro %}

{% macro model_tokenizer(model=none) %}
    {%- set name = hartonomous.model_name(model) -%}
    {%- set models = source('raw', 'models') -%}
    {%- set found = namespace(tokenizer_id='') -%}
    {% if execute and name %}
        {%- set rows = run_query(
            'select tokenizer_id from ' ~ models ~ ' where name = ' ~ hartonomous.text_literal(name)
        ) -%}
        {% if rows is not none and rows.rows | length > 0 %}
            {%- set found.tokenizer_id = rows.rows[0][0] -%}
        {% endif %}
    {% endif %}
    {% do return(hartonomous.tokenizer_settings(found.tokenizer_id)) %}
{% endmacro %}

{% macro tokenizer_key(tokenizer_id) %}
    {% do return(adapter.dispatch('tokenizer_key', 'hartonomous')(tokenizer_id)) %}
{% endmacro %}

{% macro duckdb__tokenizer_key(tokenizer_id) -%}
    cast('0x' || left({{ tokenizer_id }}, 15) as bigint)
{%- endmacro %}

{% macro default__tokenizer_key(tokenizer_id) %}
    {% do return(hartonomous.unsupported('a tokenizer')) %}
{% endmacro %}

{% macro sqlserver__tokenizer_key(tokenizer_id) -%}
    cast(convert(varbinary(8), '0' + left({{ tokenizer_id }}, 15), 2) as bigint)
{%- endmacro %}

{# The key of a tokenizer that is known: a number. #}
{% macro tokenizer_key_value(tokenizer) %}
    {% do return(tokenizer.tokenizer_id[:15] | int(0, 16)) %}
{% endmacro %}

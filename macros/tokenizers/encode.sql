{#
  encode_ctes(tokenizer, texts, max_tokens): text to tokens, as definitions for a WITH list (without
  the word WITH, without a comma before or after).

    tokenizer   what tokenizer_settings() or model_tokenizer() gives
    texts       name of a CTE or table of (text_id bigint, text varchar); NULL texts are passed over
    max_tokens  an expression; NULL or none: no limit. Template tokens count; a limit that they alone
                exceed does not hold, as in the reference

  The only definition is `encoded`: (text_id, position from 0, token_id), the template's tokens
  included. Equal to the `tokenizers` library on every text. On SQL Server: encode_tsql.sql.

  Everything happens in lists over one row a text, for a plan of a few operators costs less than the
  tokenizing: the text is cut at added tokens (encode_segments), the segments into words
  (encode_words), the words become tokens (encode_wordpiece, encode_byte_level). `known` is the row
  of tokenizer_lookups.
#}
{% macro encode_ctes(tokenizer, texts, max_tokens=none) %}
    {% do return(adapter.dispatch('encode_ctes', 'hartonomous')(tokenizer, texts, max_tokens)) %}
{% endmacro %}

{% macro default__encode_ctes(tokenizer, texts, max_tokens) %}
    {% do return(hartonomous.unsupported('a tokenizer as a query', 'encode_statements is for procedures')) %}
{% endmacro %}

{% macro duckdb__encode_ctes(tokenizer, texts, max_tokens) -%}
    {%- set lookups = ref('tokenizer_lookups') -%}
encoded as (
    {%- if tokenizer.algorithm == 'unsupported' %}
    select
        source.text_id,
        0 as position,
        cast(error({{ hartonomous.text_literal(hartonomous.tokenizer_refusal(tokenizer)) }}) as integer) as token_id
    from {{ texts }} as source
    {%- else %}
    select
        tokens.text_id,
        generate_subscripts(tokens.ids, 1) - 1 as position,
        unnest(tokens.ids) as token_id
    from (
        select
            cut.text_id,
            {{ hartonomous.encode_template(tokenizer, 'cut.ids', max_tokens) }} as ids
        from (
            select
                spelled.text_id,
                {{ (hartonomous.encode_wordpiece(tokenizer) if tokenizer.algorithm == 'wordpiece' else hartonomous.encode_byte_level(tokenizer)) | indent(16) }} as ids
            from {{ hartonomous.encode_spelled(tokenizer, texts, lookups) | indent(12) }} as spelled
        ) as cut
    ) as tokens
    {%- endif %}
)
{%- endmacro %}

{# A row a text: its segments, what becomes of its characters beyond plain ASCII, the lookups. #}
{% macro encode_spelled(tokenizer, texts, lookups) -%}
    {%- set changing -%}
(
    select
        segmented.*,
        {{ hartonomous.encode_changes(tokenizer) | indent(8) }} as changes
    from {{ hartonomous.encode_segments(tokenizer, texts, lookups) | indent(4) }} as segmented
)
    {%- endset -%}
    {%- if tokenizer.get('kept_marks') -%}
(
    select
        changing.*
        {{- hartonomous.encode_mark_columns(tokenizer) | indent(8) }}
    from {{ changing | indent(4) }} as changing
)
    {%- else -%}
{{ changing }}
    {%- endif -%}
{%- endmacro %}

{# The tokens of a text, cut to the limit, between those of the template. #}
{% macro encode_template(tokenizer, ids, max_tokens) -%}
    {%- set added = tokenizer.before | length + tokenizer.after | length -%}
    {%- set kept = namespace(sql=ids) -%}
    {%- if max_tokens is number -%}
        {%- if max_tokens >= added -%}{%- set kept.sql = ids ~ '[:' ~ (max_tokens - added) ~ ']' -%}{%- endif -%}
    {%- elif max_tokens is not none -%}
        {%- set kept.sql -%}
case when {{ max_tokens }} >= {{ added }} then {{ ids }}[:{{ max_tokens }} - {{ added }}] else {{ ids }} end
        {%- endset -%}
    {%- endif -%}
    {%- if added -%}
list_concat(
    {%- if tokenizer.before %}[{{ tokenizer.before | join(', ') }}], {% endif -%}
    {{ kept.sql }}
    {%- if tokenizer.after %}, [{{ tokenizer.after | join(', ') }}]{% endif -%}
)
    {%- else -%}
{{ kept.sql }}
    {%- endif -%}
{%- endmacro %}

{# What is said to somebody who wants to tokenize with what SQL does not run. #}
{% macro tokenizer_refusal(tokenizer) %}
    {% do return(
        'this tokenizer cannot run in SQL because of ' ~ tokenizer.refusal
        ~ '; WordPiece and byte-level BPE can'
    ) %}
{% endmacro %}

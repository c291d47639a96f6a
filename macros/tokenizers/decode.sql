{#
  decode_ctes(tokenizer, tokens, skip_special): tokens to text, as a definition for a WITH list.

    tokenizer     what tokenizer_settings() or model_tokenizer() gives
    tokens        name of a CTE or table of (text_id bigint, position int, token_id int)
    skip_special  whether special tokens are left out; numbers that are no token always are

  The only definition is `decoded`: (text_id, text), one row a text_id of `tokens`. Equal to the
  reference's decode(ids, skip_special_tokens): WordPiece with its spaces and its cleanup, byte-level
  BPE with U+FFFD for each maximal part of a broken UTF-8 sequence. On SQL Server: decode_tsql.sql.
#}
{% macro decode_ctes(tokenizer, tokens, skip_special=true) %}
    {% do return(adapter.dispatch('decode_ctes', 'hartonomous')(tokenizer, tokens, skip_special)) %}
{% endmacro %}

{% macro default__decode_ctes(tokenizer, tokens, skip_special) %}
    {% do return(hartonomous.unsupported('a tokenizer as a query', 'decode_statements is for procedures')) %}
{% endmacro %}

{% macro duckdb__decode_ctes(tokenizer, tokens, skip_special) -%}
    {%- set lookups = ref('tokenizer_lookups') -%}
    {%- set refusal = hartonomous.decoder_refusal(tokenizer) -%}
decoded as (
    {%- if refusal %}
    select source.text_id, error({{ hartonomous.text_literal(refusal) }}) as text
    from {{ tokens }} as source
    {%- else %}
    select
        spelled.text_id,
        {%- if tokenizer.decoder == 'byte_level' %}
        coalesce(try(decode(from_hex(spelled.text))), decode(from_hex({{ hartonomous.decode_lossy('spelled') | indent(8) }}))) as text
        {%- else %}
        spelled.text
        {%- endif %}
    from (
        select
            listed.text_id,
            coalesce(list_aggregate(list_transform(
                list_filter(
                    listed.ids,
                    lambda id: id >= 0 and listed.later_texts[id + 1] is not null
                        {%- if skip_special %} and not listed.are_special[id + 1]{% endif %}
                ),
                lambda id, number: case when number = 1 then listed.first_texts[id + 1] else listed.later_texts[id + 1] end
            ), 'string_agg', ''), '') as text
            {%- if tokenizer.decoder == 'byte_level' %},
            {{ hartonomous.text_literal(hartonomous.utf8_sequence()) }} as utf8_sequence,
            {{ hartonomous.text_literal(hartonomous.utf8_part()) }} as utf8_part
            {%- endif %}
        from (
            select known.*, grouped.text_id, grouped.ids
            from (
                select given.text_id, list(given.token_id order by given.position) as ids
                from {{ tokens }} as given
                group by given.text_id
            ) as grouped
            cross join (
                select lookup.first_texts, lookup.later_texts, lookup.are_special
                from {{ lookups }} as lookup
                where lookup.tokenizer_key = {{ hartonomous.tokenizer_key_value(tokenizer) }}
            ) as known
        ) as listed
    ) as spelled
    {%- endif %}
)
{%- endmacro %}

{% macro decoder_refusal(tokenizer) %}
    {% if tokenizer.algorithm == 'unsupported' %}
        {% do return(hartonomous.tokenizer_refusal(tokenizer)) %}
    {% elif tokenizer.decoder == 'unsupported' %}
        {% do return('tokens of this tokenizer cannot become text in SQL because of ' ~ tokenizer.decoder_refusal) %}
    {% endif %}
    {% do return('') %}
{% endmacro %}

{# Bytes in hexadecimal that are UTF-8 whatever they were: each maximal part of a sequence that is
   broken becomes U+FFFD, as in Rust's String::from_utf8_lossy. The expressions are columns, since
   RE2 compiles a constant one for every statement. #}
{% macro decode_lossy(spelled) -%}
list_aggregate(list_transform(
    regexp_extract_all({{ spelled }}.text, {{ spelled }}.utf8_sequence || '|' || {{ spelled }}.utf8_part || '|..'),
    lambda part: case when regexp_full_match(part, {{ spelled }}.utf8_sequence) then part else 'EFBFBD' end
), 'string_agg', '')
{%- endmacro %}

{# The Unicode Standard, table 3-7: well-formed UTF-8. #}
{% macro utf8_sequence() %}
    {%- set next = '[89AB].' -%}
    {% do return(
        '[0-7].|(?:C[2-9A-F]|D.)' ~ next
        ~ '|(?:E0[AB].|E[1-9ABCEF]' ~ next ~ '|ED[89].)' ~ next
        ~ '|(?:F0[9AB].|F[123]' ~ next ~ '|F48.)' ~ next ~ next
    ) %}
{% endmacro %}

{# The beginnings of such sequences that are two or three bytes long. #}
{% macro utf8_part() %}
    {%- set next = '[89AB].' -%}
    {% do return(
        '(?:F0[9AB].|F[123]' ~ next ~ '|F48.)' ~ next
        ~ '|E0[AB].|E[1-9ABCEF]' ~ next ~ '|ED[89].|F0[9AB].|F[123]' ~ next ~ '|F48.'
    ) %}
{% endmacro %}

{#
  decode_ctes(tokenizer, tokens, skip_special): tokens to text, as definitions for a WITH list.

    tokens        name of a CTE or table of (text_id bigint, position, token_id)
    skip_special  leave special tokens out, as the reference's decode() does unless told otherwise

  The last definition is `decoded`: (text_id, text). Equal to the `tokenizers` library: bytes that are
  no UTF-8 become U+FFFD, one for each maximal part of a character (Unicode 15, 3.9, as Rust's
  from_utf8_lossy).
#}
{% macro decode_ctes(tokenizer, tokens, skip_special=true) %}
    {% do return(adapter.dispatch('decode_ctes', 'hartonomous')(tokenizer, tokens, skip_special)) %}
{% endmacro %}

{% macro default__decode_ctes(tokenizer, tokens, skip_special) %}
    {% do return(hartonomous.unsupported('detokenizing as a query', 'decode_statements is for procedures')) %}
{% endmacro %}

{% macro duckdb__decode_ctes(tokenizer, tokens, skip_special) -%}
    {%- set lookups = ref('tokenizer_lookups') -%}
decoded as (
    select
        spelled.text_id,
        {%- if tokenizer.decoder == 'byte_level' %}
        {{ hartonomous.text_of_bytes('spelled.text') | indent(8) }} as text
        {%- else %}
        spelled.text
        {%- endif %}
    from (
        select
            kept.text_id,
            coalesce(
                string_agg(
                    case when kept.number = 1 then kept.first_text else kept.later_text end,
                    '' order by kept.number
                ) filter (where kept.is_kept),
                ''
            ) as text
        from (
            select
                given.text_id,
                known.first_texts[given.token_id + 1] as first_text,
                known.later_texts[given.token_id + 1] as later_text,
                {{ 'not known.are_special[given.token_id + 1]' if skip_special else 'true' }} as is_kept,
                row_number() over (
                    partition by given.text_id, {{ 'known.are_special[given.token_id + 1]' if skip_special else 'true' }}
                    order by given.position
                ) as number
            from {{ tokens }} as given
            cross join (
                select looked.first_texts, looked.later_texts, looked.are_special
                from {{ lookups }} as looked
                where looked.tokenizer_key = {{ hartonomous.tokenizer_key_value(tokenizer) if execute and tokenizer.tokenizer_id else 0 }}
                    and looked.first_texts is not null
            ) as known
        ) as kept
        group by kept.text_id
    ) as spelled
)
{%- endmacro %}

{# Hexadecimal bytes as text. Each alternative takes whole bytes from where the one before ended. #}
{% macro text_of_bytes(hexadecimal) -%}
{%- set whole = '[0-7].|(?:C[2-9A-F]|D.)[89AB].|E0[AB].[89AB].|E[1-9A-CEF][89AB].[89AB].|ED[89].[89AB].'
    ~ '|F0[9AB].[89AB].[89AB].|F[1-3][89AB].[89AB].[89AB].|F48.[89AB].[89AB].' -%}
{%- set part = 'E0[AB].|E[1-9A-CEF][89AB].|ED[89].|F0[9AB].(?:[89AB].)?|F[1-3][89AB].(?:[89AB].)?|F48.(?:[89AB].)?|..' -%}
case
    when regexp_full_match({{ hexadecimal }}, '(?:{{ whole }})*') then decode(unhex({{ hexadecimal }}))
    else array_to_string(
        list_transform(
            regexp_extract_all({{ hexadecimal }}, '{{ whole }}|{{ part }}'),
            lambda bytes: case when regexp_full_match(bytes, '{{ whole }}') then decode(unhex(bytes)) else chr(65533) end
        ),
        ''
    )
end
{%- endmacro %}

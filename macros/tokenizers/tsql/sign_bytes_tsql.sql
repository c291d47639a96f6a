{#
  The bytes of a token as subqueries of one row, `bytes` in hexadecimal (nvarchar):

  tsql_sign_bytes(text)   of a token of byte-level BPE, whose vocabulary writes bytes that cannot be
                          printed as other characters (piece_text.sql); NULL where it holds another one
  tsql_text_bytes(text)   of any text, in UTF-8
#}
{% macro tsql_sign_bytes(text) -%}
(
    select case
        when min(sign.byte) >= 0
            then string_agg(convert(nvarchar(max), cast(sign.byte as binary(1)), 2), N'') within group (order by sign.place)
    end as bytes
    from (
        select
            letter.place,
            case
                when letter.codepoint between 33 and 126 then letter.codepoint
                when letter.codepoint between 161 and 172 then letter.codepoint
                when letter.codepoint between 174 and 255 then letter.codepoint
                when letter.codepoint between 256 and 288 then letter.codepoint - 256
                when letter.codepoint between 289 and 322 then letter.codepoint - 162
                when letter.codepoint = 323 then 173
                else -1
            end as byte
        from (values ({{ text }})) as whole (text)
        {{ hartonomous.tsql_codepoints('whole.text', 'letter') | indent(8) }}
    ) as sign
)
{%- endmacro %}

{% macro tsql_text_bytes(text) -%}
(
    select string_agg(convert(nvarchar(max), cast(utf8.value as binary(1)), 2), N'')
        within group (order by 4 * letter.place + utf8.number) as bytes
    from (values ({{ text }})) as whole (text)
    {{ hartonomous.tsql_codepoints('whole.text', 'letter') | indent(4) }}
    {{ hartonomous.tsql_utf8('letter.codepoint') | indent(4) }}
)
{%- endmacro %}

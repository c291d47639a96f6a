{#
  Pieces of words, as texts.

  byte_text(token)      a token of byte-level BPE as a text of one character a byte (U+0000 to
                        U+00FF): the vocabulary writes bytes that cannot be printed as other
                        characters (GPT-2, bytes_to_unicode)
  is_byte_text(token)   whether a token is made of such characters only; others are never produced
  byte_text_hex(text)   the bytes of such a text in hexadecimal
  added_piece(pattern)  an added token among the pieces: begins as no piece of a word does, with a
                        space and a character that is no byte
  symbol(number)        a number as a character that is no byte: the code points from 256 on, without
                        the surrogates; symbols of numbers sort as the numbers do
  symbol_number(symbol) the number of a symbol
#}
{% macro byte_text(token) -%}
    array_to_string(list_transform(
        string_split({{ token }}, ''),
        lambda sign: chr(case
            when unicode(sign) between 256 and 288 then unicode(sign) - 256
            when unicode(sign) between 289 and 322 then unicode(sign) - 162
            when unicode(sign) = 323 then 173
            else unicode(sign)
        end)
    ), '')
{%- endmacro %}

{% macro is_byte_text(token) -%}
    regexp_full_match({{ token }}, '[!-~\x{A1}-\x{AC}\x{AE}-\x{143}]+')
{%- endmacro %}

{% macro byte_text_hex(text) -%}
    array_to_string(list_transform(
        string_split({{ text }}, ''),
        lambda byte: printf('%02X', unicode(byte))
    ), '')
{%- endmacro %}

{% macro added_piece(pattern) -%}
    {{ hartonomous.text_concat([hartonomous.text_literal(' →'), pattern]) }}
{%- endmacro %}

{% macro symbol(number) -%}
    chr({{ number }} + case when {{ number }} < 55040 then 256 else 2304 end)
{%- endmacro %}

{% macro symbol_number(symbol) -%}
    unicode({{ symbol }}) - case when unicode({{ symbol }}) < 55296 then 256 else 2304 end
{%- endmacro %}

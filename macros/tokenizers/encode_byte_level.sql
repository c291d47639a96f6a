{#
  encode_byte_level(tokenizer): the tokens of a text as a list, an expression over `spelled`
  (encode_spelled): byte-level BPE.

  While a word is merged a token is one character, symbol(token_id), and the word a text of them: a
  merge is then replace(word, 'ab', 'x'), which replaces from left to right, as the reference does.
  The merges that can occur in a word are those of the pieces of the vocabulary in it. They go over
  it in order of rank; a merge is a text, symbol(rank) and the symbols of what it makes and of its two
  parts, so texts of merges sort by rank.

  A word is first a text of its bytes (U+0000 to U+00FF); an added token is no such text
  (added_piece).
#}
{% macro encode_byte_level(tokenizer) -%}
coalesce(list_transform(
    string_split(nullif(list_aggregate(flatten(list_transform(
        spelled.segments,
        lambda segment, number: case
            when segment = '' then []
            when number % 2 = 0 then [{{ hartonomous.piece_lookup('spelled.piece_merges', hartonomous.added_piece('segment')) }}]
            else list_transform(
                {{ hartonomous.encode_split(tokenizer, hartonomous.encode_changed(tokenizer)) | indent(16) }},
                lambda split: list_transform(
                    [{{ hartonomous.encode_bytes('split') | indent(20) }}],
                    lambda word: list_transform(
                        [{{ hartonomous.piece_lookup('spelled.piece_merges', 'word') }}],
                        lambda known: case
                            when known[1] <> ' ' then known[1]
                            else {{ hartonomous.encode_merged(tokenizer) | indent(28) }}
                        end
                    )[1]
                )[1]
            )
        end
    )), 'string_agg', ''), ''), ''),
    lambda symbol: {{ hartonomous.symbol_number('symbol') }}
), [])
{%- endmacro %}

{# The words of a text in which characters beyond ASCII stand behind their class; behind a space
   where the tokenizer puts one before a text that begins with none. #}
{% macro encode_split(tokenizer, text) -%}
regexp_extract_all(
    regexp_replace(
        {{ "case when starts_with(segment, ' ') then '' else ' ' end || " if tokenizer.add_prefix_space }}{{ text | indent(8) }},
        {{ hartonomous.text_literal(tokenizer.early_end) }}, '\1·\2', 'g'
    ),
    {{ hartonomous.text_literal(tokenizer.pattern) }}
)
{%- endmacro %}

{# A word as its bytes, without the classes of its characters. #}
{% macro encode_bytes(word) -%}
case
    when strlen({{ word }}) = length({{ word }}) then {{ word }} -- ASCII
    else list_aggregate(list_transform(
        regexp_extract_all(hex(encode(regexp_replace({{ word }}, '[\x00-\x7F]([^\x00-\x7F])', '\1', 'g'))), '..'),
        lambda byte: chr(cast('0x' || byte as integer))
    ), 'string_agg', '')
end
{%- endmacro %}

{# The merges that make the pieces in a word, in order of rank. A long word is first cut into parts
   that overlap, since a piece is found by counting from the beginning of a text. #}
{% macro encode_merges_of_word(tokenizer) -%}
    {%- set longest = tokenizer.longest_piece -%}
    {%- set merges = hartonomous.piece_lookup('spelled.piece_merges', 'part[first:last]') ~ '[2:]' -%}
list_sort(list_distinct(flatten(flatten(list_transform(
    range(0, length(word), 64),
    lambda begin: list_transform(
        [substring(word, begin + 1, {{ 63 + longest }})],
        lambda part: flatten(list_transform(
            range(2, length(part) + 1),
            lambda last: {{ 'flatten(' if tokenizer.has_early_merges }}list_transform(
                range(greatest(1, last - {{ longest - 1 }}), least(last, 65)),
                lambda first: {{ "regexp_extract_all(" ~ merges ~ ", '(?s)....')" if tokenizer.has_early_merges else merges }}
            ){{ ')' if tokenizer.has_early_merges }}
        ))
    )
)))))
{%- endmacro %}

{# The symbols of a word's bytes. #}
{% macro encode_byte_symbols() -%}
list_aggregate(list_transform(
    string_split(word, ''),
    lambda byte: spelled.byte_symbols[unicode(byte) + 1]
), 'string_agg', '')
{%- endmacro %}

{#
  encode_wordpiece(tokenizer): the tokens of a text as a list, an expression over `spelled`
  (encode_spelled): WordPiece.

  Longest match first: in a word, the longest piece of the vocabulary that begins where the last one
  ended; the unknown token for the whole word where there is none. The state of the loop over the
  beginnings in a word is where the next piece begins and the tokens so far.

  What the loop needs of the word stands in its elements: in DuckDB 1.5 the columns that the lambda of
  list_reduce captures get into the wrong rows as soon as one list is at its end. (What is the same in
  every row, as the lookups are, may be captured.)
#}
{% macro encode_wordpiece(tokenizer) -%}
flatten(flatten(list_transform(
    spelled.segments,
    lambda segment, number: case
        when number % 2 = 0 then [[{{ hartonomous.piece_lookup('spelled.pieces', hartonomous.added_piece('segment')) }}]]
        else list_transform(
            list_filter(
                string_split({{ hartonomous.encode_ascii(tokenizer, hartonomous.encode_changed(tokenizer)) | indent(16) }}, ' '),
                lambda word: word <> ''
            ),
            lambda word: list_transform(
                [{{ hartonomous.encode_longest_first(tokenizer) | indent(16) }}],
                lambda taken: case when taken.begin > length(word) then taken.ids else [{{ tokenizer.unknown_id }}] end
            )[1]
        )
    end
)))
{%- endmacro %}

{% macro encode_longest_first(tokenizer) -%}
list_reduce(
    case when length(word) <= {{ tokenizer.longest_word }} then list_transform(
        range(1, length(word) + 1),
        lambda begin: {'begin': begin, 'rest': substring(word, begin), 'ids': cast([] as integer[])}
    ) else [] end,
    lambda taken, here: case
        when here.begin <> taken.begin then taken
        else list_transform(
            [list_filter(
                list_transform(
                    range(least({{ tokenizer.longest_piece }}, length(here.rest)), 0, -1),
                    lambda count: {
                        'end': here.begin + count,
                        'id': {{ hartonomous.piece_lookup('spelled.pieces', hartonomous.encode_wordpiece_piece(tokenizer)) }}
                    }
                ),
                lambda piece: piece.id is not null
            )[1]],
            lambda piece: case
                when piece is null then taken
                else {'begin': piece.end, 'rest': '', 'ids': list_append(taken.ids, piece.id)}
            end
        )[1]
    end,
    {'begin': cast(1 as bigint), 'rest': '', 'ids': cast([] as integer[])}
)
{%- endmacro %}

{% macro encode_wordpiece_piece(tokenizer) -%}
case when here.begin = 1 then '' else {{ hartonomous.text_literal(tokenizer.continuing_prefix) }} end || left(here.rest, count)
{%- endmacro %}

{# What stands at a piece in a hash table of tokenizer_lookups; NULL where the vocabulary lacks it. #}
{% macro piece_lookup(buckets, piece) -%}
    {{ buckets }}[cast(hash({{ piece }}) % {{ hartonomous.buckets() }} as integer) + 1][md5_number({{ piece }})]
{%- endmacro %}

{# Usual ASCII done: one character for another, and spaces around those that are words alone. #}
{% macro encode_ascii(tokenizer, text) -%}
    {%- set mapped = text -%}
    {%- if tokenizer.mapped_from -%}
        {%- set mapped -%}
translate(
    {{ text | indent(4) }},
    {{ hartonomous.text_of_codepoints(tokenizer.mapped_from) }},
    {{ hartonomous.text_literal(tokenizer.mapped_to) }}
)
        {%- endset -%}
    {%- endif -%}
    {%- if tokenizer.isolated -%}
regexp_replace(
    {{ mapped | indent(4) }},
    {{ hartonomous.text_literal('([' ~ tokenizer.isolated ~ '])') }}, ' \1 ', 'g'
)
    {%- else -%}
{{ mapped }}
    {%- endif -%}
{%- endmacro %}

{# A text literal of code points, those that cannot be printed by number. #}
{% macro text_of_codepoints(codepoints) -%}
    {%- set parts = [] -%}
    {%- for codepoint in codepoints -%}
        {%- if not 32 <= codepoint < 127 -%}
            {% do parts.append('chr(' ~ codepoint ~ ')') %}
        {%- elif parts and parts[-1] is not string -%}
            {% do parts[-1].append('%c' | format(codepoint)) %}
        {%- else -%}
            {% do parts.append(['%c' | format(codepoint)]) %}
        {%- endif -%}
    {%- endfor -%}
    {%- for item in parts -%}
        {{ item if item is string else hartonomous.text_literal(item | join) }}{{ ' || ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

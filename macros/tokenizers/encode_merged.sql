{#
  encode_merged(tokenizer): the symbols of `word`, merged (encode_byte_level).

  Where every merge ranks after those that make its parts, one pass in order of rank is the
  reference's algorithm: of all pairs that can be merged the one of lowest rank, of these the first.

  Some vocabularies (Llama 3's, which comes from tiktoken) hold early merges, which rank before one
  that makes a part of them. Then a merge may bring about one that should have come first. Before a
  merge is done everywhere it is seen whether that could happen; if so it is done once, and the pass
  ends, to begin again. There is room for as many passes as the word has bytes; all but the first
  are nearly always nothing. A state is ! (begin again) or a space, then the symbols.
#}
{% macro encode_merged(tokenizer) -%}
    {%- if tokenizer.has_early_merges -%}
list_transform(
    [{{ hartonomous.encode_merges_of_word(tokenizer) | indent(4) }}],
    lambda merges: list_reduce(
        string_split(word, ''),
        lambda state, byte: case
            when state[1] = ' ' then state
            else {{ hartonomous.encode_careful_pass('merges', 'state[2:]') | indent(12) }}
        end,
        '!' || {{ hartonomous.encode_byte_symbols() | indent(8) }}
    )[2:]
)[1]
    {%- else -%}
list_reduce(
    {{ hartonomous.encode_merges_of_word(tokenizer) | indent(4) }},
    lambda symbols, merge: replace(symbols, merge[3:], merge[2]),
    {{ hartonomous.encode_byte_symbols() | indent(4) }}
)
    {%- endif -%}
{%- endmacro %}

{# A pass that ends where an early merge could come to be. Of a merge that makes x of a and b: c is
   early if it has x for a part and a lower rank; it can come to be where its other part stands, or
   another a and b, beside a and b. #}
{% macro encode_careful_pass(merges, symbols) -%}
list_reduce(
    {{ merges }},
    lambda pass, merge: case
        when pass[1] = '!' or not contains(pass, merge[3:]) then pass
        when len(list_filter({{ merges }}, lambda early: early < merge and (
            (early[3] = merge[2] and contains(pass, merge[3:] || early[4]))
            or (early[4] = merge[2] and contains(pass, early[3] || merge[3:]))
            or (early[3] = merge[2] and early[4] = merge[2] and contains(pass, merge[3:] || merge[3:]))
        ))) > 0
            then '!' || left(pass, strpos(pass, merge[3:]) - 1)[2:] || merge[2] || substring(pass, strpos(pass, merge[3:]) + 2)
        else replace(pass, merge[3:], merge[2])
    end,
    ' ' || {{ symbols }}
)
{%- endmacro %}

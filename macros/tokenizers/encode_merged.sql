{#
  encode_merged(tokenizer): the symbols of `word`, merged (encode_byte_level).

  Where every merge ranks after those that make its parts, one pass in order of rank is the
  reference's algorithm: of all pairs that can be merged the one of lowest rank, of these the first.

  Some vocabularies (Llama 3's, which comes from tiktoken) hold early merges, which rank before one
  that makes a part of them. Then a merge may bring about one that should have come first. Before a
  merge is done everywhere it is seen whether that could happen; if so it is done once, and the pass
  ends, to begin again. There is room for as many passes as the word has bytes; all but the first
  are nearly always nothing. Symbols stand behind ! (begin again) or a space.

  Lambdas of list_reduce capture nothing that differs between rows (encode_wordpiece).
#}
{% macro encode_merged(tokenizer) -%}
    {%- if tokenizer.has_early_merges -%}
list_reduce(
    list_transform(
        range(length(word)),
        lambda pass: {'merges': cast([] as varchar[][]), 'symbols': ''}
    ),
    lambda state, pass: case
        when state.symbols[1] = ' ' then state
        else {'merges': state.merges, 'symbols': {{ hartonomous.encode_careful_pass('state.merges', 'state.symbols[2:]') | indent(8) }}}
    end,
    {
        'merges': list_transform(
            [{{ hartonomous.encode_merges_of_word(tokenizer) | indent(12) }}],
            lambda merges: {{ hartonomous.encode_probed_merges('merges') | indent(12) }}
        )[1],
        'symbols': '!' || {{ hartonomous.encode_byte_symbols() | indent(8) }}
    }
).symbols[2:]
    {%- else -%}
list_reduce(
    {{ hartonomous.encode_merges_of_word(tokenizer) | indent(4) }},
    lambda symbols, merge: replace(symbols, merge[3:], merge[2]),
    {{ hartonomous.encode_byte_symbols() | indent(4) }}
)
    {%- endif -%}
{%- endmacro %}

{# Each merge, followed by probes: where one of them stands, making x of a and b everywhere could
   bring about a merge of lower rank that x is a part of. #}
{% macro encode_probed_merges(merges) -%}
list_transform(
    {{ merges }},
    lambda merge: list_concat([merge], flatten(list_transform(
        list_filter({{ merges }}, lambda early: early < merge and (early[3] = merge[2] or early[4] = merge[2])),
        lambda early: [merge[3:] || early[4], early[3] || merge[3:], merge[3:] || merge[3:]]
    )))
)
{%- endmacro %}

{% macro encode_careful_pass(merges, symbols) -%}
list_reduce(
    {{ merges }},
    lambda state, merge: case
        when state[1][1] = '!' or not contains(state[1], merge[1][3:]) then state
        when len(list_filter(merge[2:], lambda probe: contains(state[1], probe))) > 0
            then ['!' || left(state[1], strpos(state[1], merge[1][3:]) - 1)[2:] || merge[1][2]
                || substring(state[1], strpos(state[1], merge[1][3:]) + 2)]
        else [replace(state[1], merge[1][3:], merge[1][2])]
    end,
    [' ' || {{ symbols }}]
)[1]
{%- endmacro %}

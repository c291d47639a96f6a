{#
  encode_changes(tokenizer): what becomes of each distinct character of a text beyond usual ASCII: a
  list of texts, the character and its successor (WordPiece: with a sign between, tokenizer_lookups).

    WordPiece       the normalized character, with spaces where it ends a word or is one
    byte-level BPE  the character behind an ASCII character of its class (tokenizer_patterns.py)

  encode_changed(tokenizer): `segment` with them. Characters are replaced one after the other, each
  everywhere: what a character becomes holds none that becomes something else.

  Normalizing leaves a few marks (WordPiece that strips accents does not know all). Where a text holds
  one, they are put into canonical order before the characters that keep them apart go: NFC of nothing
  but marks sorts them, of one character it changes nothing.
#}
{% macro encode_changes(tokenizer) -%}
    {%- set wordpiece = tokenizer.algorithm == 'wordpiece' -%}
    {%- set usual = tokenizer.usual if wordpiece else '\\x00-\\x7F' -%}
    {%- set whole = "list_aggregate(segmented.segments, 'string_agg', ' ')" if tokenizer.get('composes') else 'segmented.text' -%}
list_transform(
    list_distinct(regexp_extract_all({{ whole }}, {{ hartonomous.text_literal('[^' ~ usual ~ ']') }})),
    lambda character: character || replace(
        coalesce({{ hartonomous.character_template('segmented.characters') }}, '{{ '={}' if wordpiece else '!{}' }}'),
        '{}',
        character
    )
)
{%- endmacro %}

{# The template of `character`: its line of its page, or the page; NULL where there is none. #}
{% macro character_template(pages) -%}
    {%- set page = pages ~ '[unicode(character) // 256 + 1]' -%}
    nullif(case
        when contains({{ page }}, chr(10)) then string_split({{ page }}, chr(10))[unicode(character) % 256 + 1]
        else {{ page }}
    end, '')
{%- endmacro %}

{% macro encode_changed(tokenizer) -%}
    {%- set successor = 3 if tokenizer.algorithm == 'wordpiece' else 2 -%}
    {%- set changed -%}
list_reduce(
    spelled.changes,
    lambda text, change: replace(text, change[1], change[{{ successor }}:]),
    segment
)
    {%- endset -%}
    {%- if tokenizer.get('kept_marks') -%}
translate(
    case
        when spelled.has_marks then list_aggregate(list_transform(
            regexp_extract_all({{ changed | indent(12) }}, spelled.marks),
            lambda run: nfc_normalize(run)
        ), 'string_agg', '')
        else {{ changed | indent(8) }}
    end,
    spelled.parting,
    ''
)
    {%- else -%}
{{ changed }}
    {%- endif -%}
{%- endmacro %}

{# Of a tokenizer that leaves marks: whether there are any, and what keeps them apart. #}
{% macro encode_mark_columns(tokenizer) -%}
    {%- if tokenizer.get('kept_marks') %},
len(list_filter(changing.changes, lambda change: change[2] = '^')) > 0 as has_marks,
coalesce(list_aggregate(
    list_transform(list_filter(changing.changes, lambda change: change[2] = '-'), lambda change: change[1]),
    'string_agg', ''
), '') as parting
    {%- endif -%}
{%- endmacro %}

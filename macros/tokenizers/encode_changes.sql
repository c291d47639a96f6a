{#
  encode_changes(tokenizer): what becomes of each distinct character of a text beyond usual ASCII: a
  list of texts, the character and its successor (WordPiece: with a sign between, tokenizer_lookups).

    WordPiece       the normalized character, with spaces where it ends a word or is one
    byte-level BPE  the character behind an ASCII character of its class (tokenizer_patterns.py)

  How they are put in place: encode_changed.
#}
{% macro encode_changes(tokenizer) -%}
    {%- set wordpiece = tokenizer.algorithm == 'wordpiece' -%}
    {%- set usual = tokenizer.usual if wordpiece else '\\x00-\\x7F' -%}
    {%- set rewrites = tokenizer.get('composes') or (wordpiece and tokenizer.added_tokens | selectattr('is_normalized') | list) -%}
    {%- set whole = "list_aggregate(segmented.segments, 'string_agg', ' ')" if rewrites else 'segmented.text' -%}
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

{#
  encode_changed(tokenizer): `segment` with the changes of its characters (encode_changes), for words
  to be cut from. Characters are replaced one after the other, each everywhere: what a character
  becomes holds none that becomes something else.

  encode_normalized(tokenizer): `segment` normalized, and nothing else: what is looked through for
  added tokens that are normalized (WordPiece). Character by character, spaces and all.

  Normalizing leaves a few marks (WordPiece that strips accents does not know all). Where a text holds
  one, they are put into canonical order before the characters that keep them apart go: NFC of nothing
  but marks sorts them, of one character it changes nothing.
#}
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
        when spelled.has_marks then {{ hartonomous.encode_marks_in_order(changed, 'spelled.marks') | indent(8) }}
        else {{ changed | indent(8) }}
    end,
    spelled.parting,
    ''
)
    {%- else -%}
{{ changed }}
    {%- endif -%}
{%- endmacro %}

{% macro encode_marks_in_order(text, marks) -%}
list_aggregate(list_transform(
    regexp_extract_all({{ text | indent(4) }}, {{ marks }}),
    lambda run: nfc_normalize(run)
), 'string_agg', '')
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

{% macro encode_normalized(tokenizer) -%}
    {%- set text = "coalesce(list_aggregate(list_transform(signed, lambda one: one[2:]), 'string_agg', ''), '')" -%}
list_transform(
    [list_transform(
        string_split(segment, ''),
        lambda character: replace(
            coalesce({{ hartonomous.character_template('each_text.normalized') }}, '={}'), '{}', character
        )
    )],
    lambda signed:
    {%- if tokenizer.get('kept_marks') %} translate(
        case
            when len(list_filter(signed, lambda one: one[1] = '^')) > 0
                then {{ hartonomous.encode_marks_in_order(text, 'each_text.marks') | indent(16) }}
            else {{ text }}
        end,
        coalesce(list_aggregate(list_transform(
            list_filter(signed, lambda one: one[1] = '-'), lambda one: one[2:]
        ), 'string_agg', ''), ''),
        ''
    )
    {%- else %} {{ text }}
    {%- endif %}
)[1]
{%- endmacro %}

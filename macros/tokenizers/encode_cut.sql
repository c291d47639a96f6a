{#
  encode_cut(source, tokens, pattern): the segments of `source`, each piece of text in them cut again
  at some added tokens. `pattern` names the kind of tokens: plain, normalized.

  White space beside a token that strips it belongs to the token. A token that `is_single_word` is
  none beside a character of a word: it goes back into the text around it.
#}
{% macro encode_cut(source, tokens, kind) -%}
(
    select
        uncut.* replace (flatten(list_transform(
            uncut.segments,
            lambda segment, number: case
                when number % 2 = 1 and {{ hartonomous.begins_a_token(tokens, 'segment') }}
                    then {{ hartonomous.encode_interleaved(tokens, 'uncut.' ~ kind ~ '_pattern') | indent(16) }}
                else [segment]
            end
        )) as segments)
    from {{ source | indent(4) }} as uncut
)
{%- endmacro %}

{# Whether a token may stand in a text, quickly. #}
{% macro begins_a_token(tokens, text) -%}
    {%- set firsts = [] -%}
    {%- for token in tokens if token.pattern[0] not in firsts %}{% do firsts.append(token.pattern[0]) %}{% endfor -%}
    {%- if firsts | length == 1 -%}
        contains({{ text }}, {{ hartonomous.text_literal(firsts[0]) }})
    {%- elif firsts | length <= 8 -%}
        ({% for first in firsts %}contains({{ text }}, {{ hartonomous.text_literal(first) }}){{ ' or ' if not loop.last }}{% endfor %})
    {%- else -%}
        segment <> ''
    {%- endif -%}
{%- endmacro %}

{# The texts around the tokens, and between them the tokens. A list of one element stands for a name
   of what is in it. #}
{% macro encode_interleaved(tokens, pattern) -%}
    {%- set single = tokens | selectattr('is_single_word') | list -%}
    {%- set stripping = (tokens | selectattr('strips_left') | list) + (tokens | selectattr('strips_right') | list) -%}
    {%- if not single and not stripping -%}
flatten(list_transform(
    list_zip(regexp_split_to_array(segment, {{ pattern }}), regexp_extract_all(segment, {{ pattern }})),
    lambda pair: [pair[1], pair[2]]
))[:-2]
    {%- else -%}
list_transform(
    [{'parts': regexp_split_to_array(segment, {{ pattern }}), 'marks': regexp_extract_all(segment, {{ pattern }})}],
    lambda found: {{ (hartonomous.encode_whole_words(tokens, single) if single else hartonomous.encode_parts(tokens, 'found')) | indent(4) }}
)[1]
    {%- endif -%}
{%- endmacro %}

{% macro encode_parts(tokens, found) -%}
    {%- set white = '\\t-\\r \\x{85}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}' -%}
    {%- set text = namespace(sql=found ~ '.parts[part]') -%}
    {%- for side, mark, edge in [
        ('strips_right', found ~ '.marks[part - 1]', '^[' ~ white ~ ']+'),
        ('strips_left', found ~ '.marks[part]', '[' ~ white ~ ']+$'),
    ] -%}
        {%- set stripping = tokens | selectattr(side) | map(attribute='pattern') | list -%}
        {%- if stripping -%}
            {%- set text.sql -%}
case
    when list_contains({{ hartonomous.text_list(stripping) }}, {{ mark }})
        then regexp_replace({{ text.sql | indent(8) }}, {{ hartonomous.text_literal(edge) }}, '')
    else {{ text.sql | indent(4) }}
end
            {%- endset -%}
        {%- endif -%}
    {%- endfor -%}
flatten(list_transform(range(1, len({{ found }}.parts) + 1), lambda part: case
    when part > len({{ found }}.marks) then [{{ text.sql | indent(4) }}]
    else [{{ text.sql | indent(4) }}, {{ found }}.marks[part]]
end))
{%- endmacro %}

{# `bounds`: 0, the numbers of the marks that stay, and the number of parts. #}
{% macro encode_whole_words(tokens, single) -%}
list_transform(
    [list_concat([0], list_filter(
        range(1, len(found.marks) + 1),
        lambda mark: not list_contains({{ hartonomous.text_list(single | map(attribute='pattern')) }}, found.marks[mark]) or not (
            regexp_matches(
                coalesce(nullif(found.parts[mark], ''), found.marks[mark - 1], ''),
                '[' || uncut.word_characters || ']$'
            )
            or regexp_matches(
                coalesce(nullif(found.parts[mark + 1], ''), found.marks[mark + 1], ''),
                '^[' || uncut.word_characters || ']'
            )
        )
    ), [len(found.parts)])],
    lambda bounds: list_transform(
        [{
            'parts': list_transform(range(2, len(bounds) + 1), lambda bound: array_to_string(list_transform(
                range(bounds[bound - 1] + 1, bounds[bound] + 1),
                lambda part: found.parts[part] || case when part < bounds[bound] then found.marks[part] else '' end
            ), '')),
            'marks': list_transform(bounds[2:-2], lambda mark: found.marks[mark])
        }],
        lambda whole: {{ hartonomous.encode_parts(tokens, 'whole') | indent(8) }}
    )[1]
)[1]
{%- endmacro %}

{% macro text_list(values) -%}
    [{% for value in values %}{{ hartonomous.text_literal(value) }}{{ ', ' if not loop.last }}{% endfor %}]
{%- endmacro %}

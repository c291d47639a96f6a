{#
  encode_segments(tokenizer, texts, lookups): a subquery of a row a text: text_id, the columns of
  `lookups`, and `segments`: the text cut at the added tokens in it, in turn a piece of text (perhaps
  empty) and the pattern of an added token. Where the tokenizer composes, pieces of text are in NFC.

  As in the reference (added_vocabulary.rs): tokens that are not normalized are looked for in the
  text as it is, the others afterwards, in the normalized rest.
#}
{% macro encode_segments(tokenizer, texts, lookups) -%}
    {%- set plain = tokenizer.added_tokens | rejectattr('is_normalized') | list -%}
    {%- set normalized = tokenizer.added_tokens | selectattr('is_normalized') | list -%}
    {%- set source -%}
(
    select
        known.*,
        source.text_id,
        source.text,
        [source.text] as segments
        {{- hartonomous.encode_patterns(tokenizer, plain, normalized) | indent(8) }}
    from {{ texts }} as source
    cross join (
        select {{ hartonomous.encode_lookup_columns(tokenizer) }}
        from {{ lookups }} as lookup
        where lookup.tokenizer_key = {{ hartonomous.tokenizer_key_value(tokenizer) }}
    ) as known
    where source.text is not null
)
    {%- endset -%}
    {%- set step = namespace(sql=source) -%}
    {%- if plain -%}
        {%- set step.sql = hartonomous.encode_cut(step.sql, plain, 'plain') -%}
    {%- endif -%}
    {%- if tokenizer.get('composes') -%}
        {%- set step.sql = hartonomous.encode_each_text(step.sql, hartonomous.encode_composed()) -%}
    {%- endif -%}
    {%- if normalized -%}
        {%- if tokenizer.algorithm == 'wordpiece' -%}
            {%- set step.sql = hartonomous.encode_each_text(step.sql, hartonomous.encode_normalized(tokenizer)) -%}
        {%- endif -%}
        {%- set step.sql = hartonomous.encode_cut(step.sql, normalized, 'normalized') -%}
    {%- endif -%}
{{ step.sql }}
{%- endmacro %}

{% macro encode_lookup_columns(tokenizer) -%}
    {{- 'lookup.characters, ' ~ ('lookup.pieces' if tokenizer.algorithm == 'wordpiece' else 'lookup.piece_merges, lookup.byte_symbols') }}
    {{- ', lookup.normalized' if tokenizer.algorithm == 'wordpiece' and tokenizer.added_tokens | selectattr('is_normalized') | list }}
{%- endmacro %}

{# Patterns as columns and not as constants: RE2 compiles a constant pattern for every statement,
   another one only for the rows that come to it. #}
{% macro encode_patterns(tokenizer, plain, normalized) -%}
    {%- for name, tokens in [('plain', plain), ('normalized', normalized)] if tokens -%}
,
{{ hartonomous.text_literal(hartonomous.any_of(tokens)) }} as {{ name }}_pattern
    {%- endfor -%}
    {%- if tokenizer.get('word_characters') -%}
,
{{ hartonomous.text_literal(hartonomous.character_class(tokenizer.word_characters)) }} as word_characters
    {%- endif -%}
    {%- if tokenizer.get('composes') -%}
,
{{ hartonomous.text_literal('[^' ~ tokenizer.barriers ~ ']+|[' ~ tokenizer.barriers ~ ']') }} as runs
    {%- endif -%}
    {%- if tokenizer.get('kept_marks') -%}
,
{{ hartonomous.text_literal('[' ~ tokenizer.kept_marks ~ ']+|[^' ~ tokenizer.kept_marks ~ ']') }} as marks
    {%- endif -%}
{%- endmacro %}

{# A regular expression for tokens; of those that begin first the longest is taken. #}
{% macro any_of(tokens) %}
    {%- set by_length = {} -%}
    {%- for token in tokens -%}
        {% do by_length.setdefault(token.pattern | length, []).append(modules.re.escape(token.pattern)) %}
    {%- endfor -%}
    {%- set escaped = [] -%}
    {%- for length in by_length | sort(reverse=true) %}{% do escaped.extend(by_length[length]) %}{% endfor -%}
    {% do return(escaped | join('|')) %}
{% endmacro %}

{# Something done to each piece of text: an expression over `segment`. #}
{% macro encode_each_text(source, expression) -%}
(
    select
        each_text.* replace (list_transform(
            each_text.segments,
            lambda segment, number: case
                when number % 2 = 0 then segment
                else {{ expression | indent(16) }}
            end
        ) as segments)
    from {{ source | indent(4) }} as each_text
)
{%- endmacro %}

{# A text in NFC. nfc_normalize knows a newer Unicode than the reference does: what only that one
   moves or composes stands alone before it. #}
{% macro encode_composed() -%}
case
    when strlen(segment) = length(segment) then segment -- ASCII
    else array_to_string(list_transform(
        regexp_extract_all(segment, each_text.runs),
        lambda run: nfc_normalize(run)
    ), '')
end
{%- endmacro %}

{# Ranges of code points as the inside of a character class. #}
{% macro character_class(ranges) -%}
    {%- for first, last in ranges -%}\x{{ '{%X}-' | format(first) }}\x{{ '{%X}' | format(last) }}{%- endfor -%}
{%- endmacro %}

{#
  tsql_encode_parts(tokenizer, marks): #encode_segments cut at `marks` (text_id, segment, start, length,
  ordinal of the added token). White space beside a token that strips it falls away.

  tsql_encode_single_words(tokenizer, marks): the marks of tokens of a single word that stand beside a
  character of a word taken away.
#}
{% macro tsql_encode_parts(tokenizer, marks) -%}
    {%- set white = [9, 10, 11, 12, 13, 32, 133, 160, 5760] + range(8192, 8203) | list + [8232, 8233, 8239, 8287, 12288] -%}
    {%- set white_text -%}
        {% for codepoint in white %}nchar({{ codepoint }}){{ ' + ' if not loop.last }}{% endfor %}
    {%- endset -%}
    {%- set parts = marks ~ '_parts' -%}
select
    piece.text_id,
    piece.segment * 4294967296 + piece.number as segment,
    piece.added_ordinal,
    cast(piece.text as nvarchar(max)) {{ hartonomous.tsql_units() }} as text
into {{ parts }}
from (
    select
        part.text_id,
        part.segment,
        2 * mark.number - 1 as number,
        cast(null as int) as added_ordinal,
        case when mark.strips_left = 1 then rtrim(cleared.text, {{ white_text }}) else cleared.text end as text
    from #encode_segments as part
    inner join {{ hartonomous.tsql_numbered_marks(tokenizer, marks) | indent(4) }} as mark
        on mark.text_id = part.text_id and mark.segment = part.segment
    cross apply (
        select case
            when mark.previous_strips_right = 1
                then ltrim(substring(part.text, mark.previous_end, mark.start - mark.previous_end), {{ white_text }})
            else substring(part.text, mark.previous_end, mark.start - mark.previous_end)
        end as text
    ) as cleared
    union all
    select
        part.text_id,
        part.segment,
        2 * mark.number as number,
        mark.ordinal as added_ordinal,
        substring(part.text, mark.start, mark.length) as text
    from #encode_segments as part
    inner join {{ hartonomous.tsql_numbered_marks(tokenizer, marks) | indent(4) }} as mark
        on mark.text_id = part.text_id and mark.segment = part.segment
    union all
    select
        part.text_id,
        part.segment,
        2 * coalesce(mark.number, 0) + 1 as number,
        part.added_ordinal,
        case
            when mark.strips_right = 1
                then ltrim(substring(part.text, mark.start + mark.length, {{ hartonomous.tsql_length('part.text') }}), {{ white_text }})
            when mark.number is not null
                then substring(part.text, mark.start + mark.length, {{ hartonomous.tsql_length('part.text') }})
            else part.text
        end as text
    from #encode_segments as part
    left join {{ hartonomous.tsql_numbered_marks(tokenizer, marks) | indent(4) }} as mark
        on mark.text_id = part.text_id and mark.segment = part.segment and mark.is_last = 1
) as piece
where datalength(piece.text) > 0;
delete from #encode_segments;
insert into #encode_segments (text_id, segment, added_ordinal, text)
select part.text_id, part.segment, part.added_ordinal, part.text
from {{ parts }} as part;
{%- endmacro %}

{# Marks by number from 1, with what the one before did. #}
{% macro tsql_numbered_marks(tokenizer, marks) -%}
(
    select
        mark.text_id,
        mark.segment,
        mark.start,
        mark.length,
        mark.ordinal,
        added.strips_left,
        added.strips_right,
        row_number() over (partition by mark.text_id, mark.segment order by mark.start) as number,
        lag(mark.start + mark.length, 1, 1) over (partition by mark.text_id, mark.segment order by mark.start) as previous_end,
        lag(added.strips_right, 1, 0) over (partition by mark.text_id, mark.segment order by mark.start) as previous_strips_right,
        case
            when lead(mark.start) over (partition by mark.text_id, mark.segment order by mark.start) is null then 1
            else 0
        end as is_last
    from {{ marks }} as mark
    inner join {{ source('raw', 'tokenizer_added_tokens') }} as added
        on added.ordinal = mark.ordinal
        and added.tokenizer_id = {{ hartonomous.text_literal(tokenizer.tokenizer_id) }}
)
{%- endmacro %}

{% macro tsql_encode_single_words(tokenizer, marks) -%}
delete mark
from {{ marks }} as mark
inner join {{ source('raw', 'tokenizer_added_tokens') }} as added
    on added.ordinal = mark.ordinal
    and added.tokenizer_id = {{ hartonomous.text_literal(tokenizer.tokenizer_id) }}
    and added.is_single_word = 1
inner join #encode_segments as part
    on part.text_id = mark.text_id and part.segment = mark.segment
where exists (
    select 1
    {# two units on both sides hold the characters beside the token -#}
    from (
        values
        (substring(part.text, mark.start - 2, 2), 1),
        (substring(part.text, mark.start + mark.length, 2), 0)
    ) as side (text, is_before)
    {{ hartonomous.tsql_codepoints('side.text', 'beside') | indent(4) }}
    inner join (
        select word_range.first_codepoint, word_range.last_codepoint
        from {{ source('raw', 'tokenizer_rules') }} as rules
        cross apply openjson(rules.settings, '$.word_characters') with (
            first_codepoint int '$[0]',
            last_codepoint int '$[1]'
        ) as word_range
        where rules.tokenizer_id = {{ hartonomous.text_literal(tokenizer.tokenizer_id) }}
    ) as word
        on beside.codepoint between word.first_codepoint and word.last_codepoint
    where case
        when side.is_before = 0 and beside.place = 1 then 1
        when side.is_before = 1
            and beside.place + {{ hartonomous.tsql_length('beside.character') }} - 1 = {{ hartonomous.tsql_length('side.text') }} then 1
        else 0
    end = 1
);
{%- endmacro %}

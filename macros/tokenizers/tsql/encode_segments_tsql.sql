{#
  tsql_encode_segments(tokenizer): #encode_segments (text_id, segment, added_ordinal, text): the texts
  cut at added tokens, as in encode_segments.sql; added_ordinal is that of an added token, else NULL.
  Texts of a tokenizer that composes are in NFC afterwards.
#}
{% macro tsql_encode_segments(tokenizer) -%}
    {%- set plain = tokenizer.added_tokens | rejectattr('is_normalized') | list -%}
    {%- set normalized = tokenizer.added_tokens | selectattr('is_normalized') | list -%}
create table #encode_segments (
    text_id bigint not null,
    segment bigint not null,
    added_ordinal int null,
    text nvarchar(max) {{ hartonomous.tsql_units() }} not null,
    primary key (text_id, segment)
);
insert into #encode_segments (text_id, segment, added_ordinal, text)
select source.text_id, 0 as segment, null as added_ordinal, source.text
from #input_texts as source
where source.text is not null;
    {%- if plain %}

{{ hartonomous.tsql_encode_cut(tokenizer, plain, 'plain') }}
    {%- endif %}
    {%- if tokenizer.get('composes') %}

{{ hartonomous.tsql_encode_composed(tokenizer) }}
    {%- endif %}
    {%- if normalized %}
        {%- if tokenizer.algorithm == 'wordpiece' %}

{{ hartonomous.tsql_encode_rewritten(tokenizer, 'normalized') }}
update part
set part.text = coalesce(rewritten.text, N'')
from #encode_segments as part
left join #encode_normalized as rewritten
    on rewritten.text_id = part.text_id and rewritten.segment = part.segment
where part.added_ordinal is null;
        {%- endif %}

{{ hartonomous.tsql_encode_cut(tokenizer, normalized, 'normalized') }}
    {%- endif %}
delete from #encode_segments
where datalength(text) = 0;
{%- endmacro %}

{# One pass. Of the tokens that begin first the longest is taken, then the first in order. #}
{% macro tsql_encode_cut(tokenizer, tokens, kind) -%}
    {%- set places = '#encode_' ~ kind ~ '_places' -%}
    {%- set marks = '#encode_' ~ kind ~ '_marks' -%}
create table {{ places }} (
    text_id bigint not null,
    segment bigint not null,
    start int not null,
    length int not null,
    ordinal int not null,
    primary key (text_id, segment, start, ordinal)
);
insert into {{ places }} (text_id, segment, start, length, ordinal)
select part.text_id, part.segment, place.value, added.length, added.ordinal
from #encode_segments as part
inner join (
    select
        landed.ordinal,
        landed.pattern {{ hartonomous.tsql_units() }} as pattern,
        {{ hartonomous.tsql_length('landed.pattern') }} as length
    from {{ source('raw', 'tokenizer_added_tokens') }} as landed
    where landed.tokenizer_id = {{ hartonomous.text_literal(tokenizer.tokenizer_id) }}
        and landed.is_normalized = {{ 1 if kind == 'normalized' else 0 }}
) as added
    on charindex(added.pattern, part.text) > 0
cross apply generate_series(1, {{ hartonomous.tsql_length('part.text') }} - added.length + 1, 1) as place
where part.added_ordinal is null
    and substring(part.text, place.value, added.length) = added.pattern;

create table {{ marks }} (
    text_id bigint not null,
    segment bigint not null,
    start int not null,
    length int not null,
    ordinal int not null,
    primary key (text_id, segment, start)
);
while exists (select 1 from {{ places }})
begin
    insert into {{ marks }} (text_id, segment, start, length, ordinal)
    select first.text_id, first.segment, first.start, first.length, first.ordinal
    from (
        select
            place.*,
            row_number() over (
                partition by place.text_id, place.segment
                order by place.start asc, place.length desc, place.ordinal asc
            ) as choice
        from {{ places }} as place
    ) as first
    where first.choice = 1;
    delete place
    from {{ places }} as place
    inner join (
        select mark.text_id, mark.segment, max(mark.start + mark.length) as past
        from {{ marks }} as mark
        group by mark.text_id, mark.segment
    ) as done
        on done.text_id = place.text_id and done.segment = place.segment and done.past > place.start;
end;
    {%- if tokens | selectattr('is_single_word') | list %}

{{ hartonomous.tsql_encode_single_words(tokenizer, marks) }}
    {%- endif %}

{{ hartonomous.tsql_encode_parts(tokenizer, marks) }}
{%- endmacro %}

{#
  tsql_encode_rewritten(tokenizer, column): #encode_<column> (text_id, segment, text): the segments with
  every character replaced by what `column` of the landed characters says, normalized or pretokenized
  (WordPiece). A segment of which nothing is left has no row.

  Marks that normalizing leaves are put into canonical order: by class within the marks that follow a
  character that is none. One that is removed afterwards counts too (combining_class 0); what was
  removed before does not.
#}
{% macro tsql_encode_rewritten(tokenizer, column) -%}
    {%- set characters = '#encode_' ~ column ~ '_characters' -%}
create table {{ characters }} (
    text_id bigint not null,
    segment bigint not null,
    position int not null,
    part int not null,
    combining_class int not null,
    text nvarchar(max) {{ hartonomous.tsql_units() }} not null,
    primary key (text_id, segment, position, part)
);
insert into {{ characters }} (text_id, segment, position, part, combining_class, text)
select
    becomes.text_id,
    becomes.segment,
    becomes.position,
    {%- if tokenizer.get('kept_marks') %}
    coalesce(letter.place, 0) as part,
    coalesce(mark.combining_class, 0) as combining_class,
    coalesce(letter.character, N'') as text
    {%- else %}
    0 as part,
    0 as combining_class,
    becomes.text
    {%- endif %}
from (
    select
        part.text_id,
        part.segment,
        original.place as position,
        known.combining_class,
        replace(coalesce(known.{{ column }}, N'{}') {{ hartonomous.tsql_units() }}, N'{}', original.character) as text
    from #encode_segments as part
    {{ hartonomous.tsql_codepoints('part.text', 'original') | indent(4) }}
    {{ hartonomous.tsql_known_characters(tokenizer, 'original.codepoint', 'known') | indent(4) }}
    where part.added_ordinal is null
) as becomes
    {%- if tokenizer.get('kept_marks') %}
outer apply (
    select spelled.place, spelled.codepoint, spelled.character
    from (values (becomes.text)) as whole (text)
    {{ hartonomous.tsql_codepoints('whole.text', 'spelled') | indent(4) }}
) as letter
left join {{ ref('tokenizer_characters') }} as mark
    on mark.tokenizer_key = {{ hartonomous.tokenizer_key_value(tokenizer) }}
    and mark.page = letter.codepoint / 256
    and letter.codepoint between mark.first_codepoint and mark.last_codepoint
    and mark.combining_class > 0
where letter.place is not null or becomes.combining_class = 0
    {%- endif -%}
;

create table #encode_{{ column }} (
    text_id bigint not null,
    segment bigint not null,
    text nvarchar(max) {{ hartonomous.tsql_units() }} not null,
    primary key (text_id, segment)
);
insert into #encode_{{ column }} (text_id, segment, text)
select placed.text_id, placed.segment, string_agg(placed.text, N'') within group (order by placed.place) as text
from (
    select
        run.text_id,
        run.segment,
        run.text,
        row_number() over (
            partition by run.text_id, run.segment
            order by run.run, run.combining_class, run.position, run.part
        ) as place
    from (
        select
            character.*,
            sum(case when character.combining_class = 0 then 1 else 0 end) over (
                partition by character.text_id, character.segment
                order by character.position, character.part
                rows unbounded preceding
            ) as run
        from {{ characters }} as character
    ) as run
) as placed
group by placed.text_id, placed.segment;
{%- endmacro %}

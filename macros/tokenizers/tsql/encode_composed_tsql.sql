{#
  tsql_encode_composed(tokenizer): the texts of #encode_segments in NFC, by the landed decompositions,
  classes and compositions (Unicode Standard Annex 15): decompose, put marks into canonical order,
  compose.

  Composing goes in rounds. In each, a starter takes the first character behind it that composes with
  it and is not blocked: nothing that is left between them has no lower class. What a starter has
  passed it does not look at again, and one that is itself about to be taken waits.
#}
{% macro tsql_encode_composed(tokenizer) -%}
create table #encode_decomposed (
    text_id bigint not null,
    segment bigint not null,
    place int not null,
    codepoint int not null,
    combining_class int not null,
    starter int null,
    past int not null,
    primary key (text_id, segment, place)
);
insert into #encode_decomposed (text_id, segment, place, codepoint, combining_class, starter, past)
select
    placed.text_id,
    placed.segment,
    placed.place,
    placed.codepoint,
    placed.combining_class,
    max(case when placed.combining_class = 0 then placed.place end) over (
        partition by placed.text_id, placed.segment
        order by placed.place
        rows between unbounded preceding and 1 preceding
    ) as starter,
    placed.place as past
from (
    select
        run.text_id,
        run.segment,
        run.codepoint,
        run.combining_class,
        cast(row_number() over (
            partition by run.text_id, run.segment
            order by run.run, run.combining_class, run.position, run.part
        ) as int) as place
    from (
        select
            spelled.*,
            sum(case when spelled.combining_class = 0 then 1 else 0 end) over (
                partition by spelled.text_id, spelled.segment
                order by spelled.position, spelled.part
                rows unbounded preceding
            ) as run
        from (
            select
                part.text_id,
                part.segment,
                original.place as position,
                decomposed.place as part,
                decomposed.codepoint,
                coalesce(mark.combining_class, 0) as combining_class
            from #encode_segments as part
            {{ hartonomous.tsql_codepoints('part.text', 'original') | indent(12) }}
            {{ hartonomous.tsql_known_characters(tokenizer, 'original.codepoint', 'known') | indent(12) }}
            cross apply (
                select replace(coalesce(known.normalized, original.character) {{ hartonomous.tsql_units() }}, N'{}', original.character) as text
            ) as becomes
            {{ hartonomous.tsql_codepoints('becomes.text', 'decomposed') | indent(12) }}
            {{ hartonomous.tsql_known_characters(tokenizer, 'decomposed.codepoint', 'mark') | indent(12) }}
            where part.added_ordinal is null
        ) as spelled
    ) as run
) as placed;

create table #encode_compositions (
    text_id bigint not null,
    segment bigint not null,
    starter int not null,
    place int not null,
    codepoint int not null,
    primary key (text_id, segment, starter)
);
declare @encode_composed int = 1;
while @encode_composed > 0
begin
    delete from #encode_compositions;
    insert into #encode_compositions (text_id, segment, starter, place, codepoint)
    select first.text_id, first.segment, first.starter, first.place, first.codepoint
    from (
        select
            candidate.*,
            row_number() over (
                partition by candidate.text_id, candidate.segment, candidate.starter
                order by candidate.place
            ) as choice
        from (
            select
                second.text_id,
                second.segment,
                second.starter,
                second.place,
                composite.first_codepoint as codepoint
            from #encode_decomposed as second
            inner join #encode_decomposed as first
                on first.text_id = second.text_id
                and first.segment = second.segment
                and first.place = second.starter
                and first.past < second.place
            inner join {{ ref('tokenizer_characters') }} as composite
                on composite.tokenizer_key = {{ hartonomous.tokenizer_key_value(tokenizer) }}
                and composite.composed_first = first.codepoint
                and composite.composed_second = second.codepoint
            where not exists (
                select 1
                from #encode_decomposed as between_them
                where between_them.text_id = second.text_id
                    and between_them.segment = second.segment
                    and between_them.place > second.starter
                    and between_them.place < second.place
                    and (between_them.combining_class = 0 or between_them.combining_class >= second.combining_class)
            )
        ) as candidate
    ) as first
    where first.choice = 1;
    delete composition
    from #encode_compositions as composition
    inner join #encode_compositions as taking
        on taking.text_id = composition.text_id
        and taking.segment = composition.segment
        and taking.place = composition.starter;
    set @encode_composed = (select count(*) from #encode_compositions);
    update starter
    set starter.codepoint = composition.codepoint, starter.past = composition.place
    from #encode_decomposed as starter
    inner join #encode_compositions as composition
        on composition.text_id = starter.text_id
        and composition.segment = starter.segment
        and composition.starter = starter.place;
    {# what looked to a character that is gone looks to the one that took it -#}
    update behind
    set behind.starter = composition.starter
    from #encode_decomposed as behind
    inner join #encode_compositions as composition
        on composition.text_id = behind.text_id
        and composition.segment = behind.segment
        and composition.place = behind.starter;
    delete taken
    from #encode_decomposed as taken
    inner join #encode_compositions as composition
        on composition.text_id = taken.text_id
        and composition.segment = taken.segment
        and composition.place = taken.place;
end;
update part
set part.text = composed.text
from #encode_segments as part
inner join (
    select
        letter.text_id,
        letter.segment,
        string_agg(cast({{ hartonomous.tsql_character('letter.codepoint') | indent(8) }} as nvarchar(max)), N'')
            within group (order by letter.place) as text
    from #encode_decomposed as letter
    group by letter.text_id, letter.segment
) as composed
    on composed.text_id = part.text_id and composed.segment = part.segment;
{%- endmacro %}

{#
  tsql_encode_byte_level(tokenizer): #encode_words, #encode_occurrences and #encode_tokens of byte-level
  BPE. Words are cut by the classes of neighboring characters (encode_split_tsql.sql), a distinct word
  becomes its bytes, and each round merges, in every word, the pair of lowest rank: wherever it stands,
  or, where a merge may rank before one that makes a part of it, the first one only.
#}
{% macro tsql_encode_byte_level(tokenizer) -%}
    {%- if tokenizer.add_prefix_space %}
update #encode_segments
set text = N' ' + text
where added_ordinal is null and left(text, 1) <> N' ';
    {%- endif %}
{{ hartonomous.tsql_encode_split(tokenizer) }}

{{ hartonomous.tsql_encode_distinct_words() }}

create table #encode_symbols (
    word_id int not null,
    ordinal int not null,
    byte int not null,
    token_id int not null,
    primary key (word_id, ordinal)
);
insert into #encode_symbols (word_id, ordinal, byte, token_id)
select word.word_id, 4 * letter.place + utf8.number as ordinal, utf8.value as byte, piece.token_id
from #encode_words as word
{{ hartonomous.tsql_codepoints('word.word', 'letter') }}
{{ hartonomous.tsql_utf8('letter.codepoint') }}
inner join {{ ref('tokenizer_pieces') }} as piece
    on piece.tokenizer_key = {{ hartonomous.tokenizer_key_value(tokenizer) }}
    and piece.byte = utf8.value;
    {%- if tokenizer.ignore_merges %}

{{ hartonomous.tsql_encode_whole_words(tokenizer) }}
    {%- endif %}

create table #encode_merges (
    word_id int not null,
    ordinal int not null,
    next_ordinal int not null,
    token_id int not null,
    primary key (word_id, ordinal)
);
create table #encode_unmerged (
    word_id int not null primary key
);
insert into #encode_unmerged (word_id)
select word.word_id
from #encode_words as word;
while exists (select 1 from #encode_unmerged)
begin
    delete from #encode_merges;
    insert into #encode_merges (word_id, ordinal, next_ordinal, token_id)
    select chosen.word_id, chosen.ordinal, chosen.next_ordinal, chosen.merged_id
    from (
        select
            pair.*,
            row_number() over (partition by pair.word_id, pair.place - pair.number order by pair.number) as number_in_run
        from (
            select
                ranked.*,
                row_number() over (partition by ranked.word_id order by ranked.place) as number
            from (
                select
                    neighbors.word_id,
                    neighbors.ordinal,
                    neighbors.next_ordinal,
                    neighbors.place,
                    merge_rule.merged_id,
                    merge_rule.merge_rank,
                    min(merge_rule.merge_rank) over (partition by neighbors.word_id) as lowest_rank
                from (
                    select
                        symbol.word_id,
                        symbol.ordinal,
                        symbol.token_id,
                        lead(symbol.ordinal) over (partition by symbol.word_id order by symbol.ordinal) as next_ordinal,
                        lead(symbol.token_id) over (partition by symbol.word_id order by symbol.ordinal) as next_id,
                        row_number() over (partition by symbol.word_id order by symbol.ordinal) as place
                    from #encode_symbols as symbol
                    inner join #encode_unmerged as unmerged
                        on unmerged.word_id = symbol.word_id
                ) as neighbors
                inner join {{ ref('tokenizer_merges') }} as merge_rule
                    on merge_rule.tokenizer_key = {{ hartonomous.tokenizer_key_value(tokenizer) }}
                    and merge_rule.left_id = neighbors.token_id
                    and merge_rule.right_id = neighbors.next_id
            ) as ranked
            where ranked.merge_rank = ranked.lowest_rank
        ) as pair
    ) as chosen
    {# of pairs that overlap, as in aaa, every second one -#}
    where {{ 'chosen.number = 1' if tokenizer.has_early_merges else 'chosen.number_in_run % 2 = 1' }};
    update symbol
    set symbol.token_id = merging.token_id
    from #encode_symbols as symbol
    inner join #encode_merges as merging
        on merging.word_id = symbol.word_id and merging.ordinal = symbol.ordinal;
    delete symbol
    from #encode_symbols as symbol
    inner join #encode_merges as merging
        on merging.word_id = symbol.word_id and merging.next_ordinal = symbol.ordinal;
    delete unmerged
    from #encode_unmerged as unmerged
    where not exists (select 1 from #encode_merges as merging where merging.word_id = unmerged.word_id);
end;
insert into #encode_tokens (word_id, ordinal, token_id)
select symbol.word_id, symbol.ordinal, symbol.token_id
from #encode_symbols as symbol;
{%- endmacro %}

{# Words that are a token as they stand, and are not merged. #}
{% macro tsql_encode_whole_words(tokenizer) -%}
create table #encode_whole (
    word_id int not null primary key,
    token_id int not null
);
insert into #encode_whole (word_id, token_id)
select spelled.word_id, piece.token_id
from (
    select
        symbol.word_id,
        string_agg(convert(nvarchar(max), cast(symbol.byte as binary(1)), 2), N'') within group (order by symbol.ordinal) as bytes
    from #encode_symbols as symbol
    group by symbol.word_id
) as spelled
inner join {{ ref('tokenizer_pieces') }} as piece
    on piece.tokenizer_key = {{ hartonomous.tokenizer_key_value(tokenizer) }}
    and piece.piece_hash = cast(hashbytes('MD5', spelled.bytes) as binary(16));
delete symbol
from #encode_symbols as symbol
inner join #encode_whole as whole
    on whole.word_id = symbol.word_id;
insert into #encode_symbols (word_id, ordinal, byte, token_id)
select whole.word_id, 0 as ordinal, 0 as byte, whole.token_id
from #encode_whole as whole;
{%- endmacro %}

{# A CROSS APPLY: the bytes of a code point in UTF-8, as (number, value). #}
{% macro tsql_utf8(codepoint) -%}
cross apply (
    select encoded.number, encoded.value
    from (
        values
        (1, case
            when {{ codepoint }} < 128 then {{ codepoint }}
            when {{ codepoint }} < 2048 then 192 + {{ codepoint }} / 64
            when {{ codepoint }} < 65536 then 224 + {{ codepoint }} / 4096
            else 240 + {{ codepoint }} / 262144
        end),
        (2, case
            when {{ codepoint }} < 128 then null
            when {{ codepoint }} < 2048 then 128 + {{ codepoint }} % 64
            when {{ codepoint }} < 65536 then 128 + {{ codepoint }} / 64 % 64
            else 128 + {{ codepoint }} / 4096 % 64
        end),
        (3, case
            when {{ codepoint }} < 2048 then null
            when {{ codepoint }} < 65536 then 128 + {{ codepoint }} % 64
            else 128 + {{ codepoint }} / 64 % 64
        end),
        (4, case when {{ codepoint }} >= 65536 then 128 + {{ codepoint }} % 64 end)
    ) as encoded (number, value)
    where encoded.value is not null
) as utf8
{%- endmacro %}

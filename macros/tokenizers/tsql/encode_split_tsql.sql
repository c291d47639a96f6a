{#
  tsql_encode_split(tokenizer): #encode_split (text_id, segment, position, word_hash, word): the words of
  byte-level BPE. The patterns of tokenizer_patterns.py say which characters stand together; here they
  are rules about a character and its neighbors: where does a word begin?

  class     L letter, N number, S white space, O other
  run       neighbors of one class; place_in_run and run_length in characters
  clitic    at an apostrophe, the length of 's, 't, 'm, 'd, 're, 've or 'll, where it is cut off
#}
{% macro tsql_encode_split(tokenizer) -%}
    {%- set in_order = 'partition by spelled.text_id, spelled.segment order by spelled.position' -%}
create table #encode_characters (
    text_id bigint not null,
    segment bigint not null,
    position int not null,
    codepoint int not null,
    character nvarchar(2) {{ hartonomous.tsql_units() }} not null,
    class char(1) not null,
    primary key (text_id, segment, position)
);
insert into #encode_characters (text_id, segment, position, codepoint, character, class)
select
    part.text_id,
    part.segment,
    original.place as position,
    original.codepoint,
    original.character,
    {{ hartonomous.tsql_character_class() | indent(4) }} as class
from #encode_segments as part
{{ hartonomous.tsql_codepoints('part.text', 'original') }}
{{ hartonomous.tsql_known_characters(tokenizer, 'original.codepoint', 'known') }}
where part.added_ordinal is null;

create table #encode_split (
    text_id bigint not null,
    segment bigint not null,
    position int not null,
    word_hash binary(16) not null,
    word nvarchar(max) {{ hartonomous.tsql_units() }} not null,
    primary key (text_id, segment, position)
);
with neighbor as (
    select
        spelled.*,
        lag(spelled.class) over ({{ in_order }}) as previous_class,
        lag(spelled.codepoint) over ({{ in_order }}) as previous_codepoint,
        lag(spelled.codepoint, 2) over ({{ in_order }}) as codepoint_before_previous,
        lead(spelled.class) over ({{ in_order }}) as next_class,
        coalesce(lead(spelled.codepoint) over ({{ in_order }}), 0) as next_codepoint,
        coalesce(lead(spelled.codepoint, 2) over ({{ in_order }}), 0) as second_codepoint
    from #encode_characters as spelled
),

numbered as (
    select
        spelled.*,
        sum(case when spelled.previous_class = spelled.class then 0 else 1 end)
            over ({{ in_order }} rows unbounded preceding) as run
    from neighbor as spelled
),

run as (
    select
        spelled.*,
        row_number() over (partition by spelled.text_id, spelled.segment, spelled.run order by spelled.position) as place_in_run,
        count(*) over (partition by spelled.text_id, spelled.segment, spelled.run) as run_length,
        max(case when spelled.codepoint in (10, 13) then spelled.position end)
            over (partition by spelled.text_id, spelled.segment, spelled.run) as last_newline,
        min(case when spelled.codepoint not in (10, 13) then spelled.position end)
            over (partition by spelled.text_id, spelled.segment, spelled.run) as first_in_line,
        first_value(coalesce(spelled.previous_class, '-'))
            over (partition by spelled.text_id, spelled.segment, spelled.run order by spelled.position) as class_before_run
    from numbered as spelled
),

clitic as (
    select
        spelled.*,
        {{ hartonomous.tsql_clitic(tokenizer) | indent(8) }} as clitic,
        lag(spelled.run_length) over ({{ in_order }}) as previous_run_length
    from run as spelled
),

beginning as (
    select
        spelled.*,
        case
            {# inside a clitic, and behind it -#}
            when lag(spelled.clitic, 1, 0) over ({{ in_order }}) > 0 then 0
            when lag(spelled.clitic, 2, 0) over ({{ in_order }}) = 2 then 1
            when lag(spelled.clitic, 3, 0) over ({{ in_order }}) = 3 then 1
            {{ (hartonomous.tsql_word_begins_in_line(tokenizer) if tokenizer.split in ['llama3', 'qwen2'] else hartonomous.tsql_word_begins(tokenizer)) | indent(12) }}
            else 0
        end as begins
    from clitic as spelled
),

word as (
    select
        spelled.*,
        sum(spelled.begins) over ({{ in_order }} rows unbounded preceding) as number
    from beginning as spelled
)

insert into #encode_split (text_id, segment, position, word_hash, word)
select
    joined.text_id,
    joined.segment,
    joined.number as position,
    cast(hashbytes('MD5', joined.word) as binary(16)) as word_hash,
    joined.word
from (
    select
        word.text_id,
        word.segment,
        word.number,
        string_agg(cast(word.character as nvarchar(max)), N'') within group (order by word.position) as word
    from word
    group by word.text_id, word.segment, word.number
) as joined;
{%- endmacro %}

{% macro tsql_character_class() -%}
case
    when original.codepoint between 65 and 90 or original.codepoint between 97 and 122 then 'L'
    when original.codepoint between 48 and 57 then 'N'
    when original.codepoint between 9 and 13 or original.codepoint = 32 then 'S'
    when original.codepoint < 128 then 'O'
    when left(known.pretokenized, 1) in (N'a', N's') then 'L'
    when left(known.pretokenized, 1) = N'1' then 'N'
    when left(known.pretokenized, 1) = nchar(9) then 'S'
    else 'O'
end
{%- endmacro %}

{# An apostrophe begins one where it begins a word and is no other's end; Llama 3 takes capitals, and
   the long s. #}
{% macro tsql_clitic(tokenizer) -%}
    {%- set any_case = tokenizer.split in ['llama3', 'qwen2'] -%}
    {%- set next = 'spelled.next_codepoint' -%}
    {%- set second = 'spelled.second_codepoint' -%}
case
    when spelled.codepoint <> 39 or spelled.run_length > 1 or coalesce(spelled.previous_codepoint, 0) = 32 then 0
    when {{ next }} in (115, 116, 109, 100{{ ', 83, 84, 77, 68, 383' if any_case }}) then 2
    when {{ next }} in (114{{ ', 82' if any_case }}) and {{ second }} in (101{{ ', 69' if any_case }}) then 3
    when {{ next }} in (118{{ ', 86' if any_case }}) and {{ second }} in (101{{ ', 69' if any_case }}) then 3
    when {{ next }} in (108{{ ', 76' if any_case }}) and {{ second }} in (108{{ ', 76' if any_case }}) then 3
    else 0
end
{%- endmacro %}

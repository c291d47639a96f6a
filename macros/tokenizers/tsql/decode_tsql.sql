{#
  decode_statements in T-SQL: statements for the inside of a procedure, that fill #decoded (text_id
  bigint, text nvarchar(max)) from #tokens (text_id bigint, position int, token_id int), a row for each
  of its texts. The caller makes the two tables.

  Bytes that are no UTF-8 become U+FFFD, one for each maximal part of a sequence, as in Rust's
  from_utf8_lossy. A byte is judged by its neighbors: `needs` is how many have to follow a first byte,
  `follow` how many of these do.
#}
{% macro sqlserver__decode_statements(tokenizer, skip_special) -%}
    {%- set texts = ref('tokenizer_texts') -%}
    {%- set refusal = hartonomous.decoder_refusal(tokenizer) -%}
    {%- if refusal -%}
declare @decode_refusal nvarchar(2000) = {{ hartonomous.text_literal(refusal) }};
throw 50000, @decode_refusal, 1;
    {%- else -%}
create table #decode_tokens (
    text_id bigint not null,
    number int not null,
    text nvarchar(max) {{ hartonomous.tsql_units() }} not null,
    primary key (text_id, number)
);
insert into #decode_tokens (text_id, number, text)
select
    numbered.text_id,
    numbered.number,
    case when numbered.number = 1 then numbered.first_text else numbered.later_text end as text
from (
    select
        given.text_id,
        known.first_text,
        known.later_text,
        cast(row_number() over (partition by given.text_id order by given.position) as int) as number
    from #tokens as given
    inner join {{ texts }} as known
        on known.tokenizer_key = {{ hartonomous.tokenizer_key_value(tokenizer) }}
        and known.token_id = given.token_id
    {%- if skip_special %}
    where known.is_special = 0
    {%- endif %}
) as numbered;
        {%- if tokenizer.decoder == 'byte_level' %}

{{ hartonomous.tsql_decode_bytes() }}
        {%- endif %}

insert into #decoded (text_id, text)
select given.text_id, coalesce(spelled.text, N'') as text
from (
    select distinct token.text_id
    from #tokens as token
) as given
left join (
    select part.text_id, string_agg(part.text, N'') within group (order by part.number) as text
    from {{ '#decode_characters' if tokenizer.decoder == 'byte_level' else '#decode_tokens' }} as part
    group by part.text_id
) as spelled
    on spelled.text_id = given.text_id;
    {%- endif -%}
{%- endmacro %}

{% macro tsql_decode_bytes() -%}
create table #decode_bytes (
    text_id bigint not null,
    number bigint not null,
    byte int not null,
    primary key (text_id, number)
);
insert into #decode_bytes (text_id, number, byte)
select
    token.text_id,
    row_number() over (partition by token.text_id order by token.number, pair.value) as number,
    cast(convert(binary(1), substring(token.text, 2 * pair.value - 1, 2), 2) as int) as byte
from #decode_tokens as token
cross apply generate_series(1, {{ hartonomous.tsql_length('token.text') }} / 2, 1) as pair;

create table #decode_characters (
    text_id bigint not null,
    number bigint not null,
    text nvarchar(max) {{ hartonomous.tsql_units() }} not null,
    primary key (text_id, number)
);
with neighbor as (
    select
        spelled.*,
        coalesce(lead(spelled.byte, 1) over (partition by spelled.text_id order by spelled.number), 0) as second,
        coalesce(lead(spelled.byte, 2) over (partition by spelled.text_id order by spelled.number), 0) as third,
        coalesce(lead(spelled.byte, 3) over (partition by spelled.text_id order by spelled.number), 0) as fourth
    from #decode_bytes as spelled
),

judged as (
    select
        neighbor.*,
        case
            when neighbor.byte < 128 then 0
            when neighbor.byte between 194 and 223 then 1
            when neighbor.byte between 224 and 239 then 2
            when neighbor.byte between 240 and 244 then 3
        end as needs,
        case
            when neighbor.byte not between 194 and 244 then 0
            when neighbor.second not between case neighbor.byte when 224 then 160 when 240 then 144 else 128 end
                and case neighbor.byte when 237 then 159 when 244 then 143 else 191 end then 0
            when neighbor.byte < 224 or neighbor.third not between 128 and 191 then 1
            when neighbor.byte < 240 or neighbor.fourth not between 128 and 191 then 2
            else 3
        end as follow
    from neighbor
),

covered as (
    select
        judged.*,
        case
            when lag(judged.follow, 1, 0) over (partition by judged.text_id order by judged.number) >= 1 then 1
            when lag(judged.follow, 2, 0) over (partition by judged.text_id order by judged.number) >= 2 then 1
            when lag(judged.follow, 3, 0) over (partition by judged.text_id order by judged.number) >= 3 then 1
            else 0
        end as is_covered
    from judged
),

character as (
    select
        covered.text_id,
        covered.number,
        case
            when covered.needs is null or covered.follow < covered.needs then 65533
            when covered.needs = 0 then covered.byte
            when covered.needs = 1 then covered.byte % 32 * 64 + covered.second % 64
            when covered.needs = 2 then covered.byte % 16 * 4096 + covered.second % 64 * 64 + covered.third % 64
            else covered.byte % 8 * 262144 + covered.second % 64 * 4096 + covered.third % 64 * 64 + covered.fourth % 64
        end as codepoint
    from covered
    where covered.is_covered = 0
)

insert into #decode_characters (text_id, number, text)
select character.text_id, character.number, {{ hartonomous.tsql_character('character.codepoint') | indent(4) }} as text
from character;
{%- endmacro %}

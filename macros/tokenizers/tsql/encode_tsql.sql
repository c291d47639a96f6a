{#
  encode_statements in T-SQL: statements for the inside of a procedure, that fill #encoded (text_id
  bigint, position int, token_id int) from #input_texts (text_id bigint, text nvarchar(max)), cut to
  @max_tokens (NULL: no limit). The caller makes the two tables and declares the variable. They may
  stand in a procedure once: their own tables and variables begin with encode_.

  The same steps as in DuckDB, as tables: #encode_segments, #encode_characters, #encode_words (each
  distinct word once), #encode_tokens (the tokens of a word), #encode_occurrences (which word stands
  where). An added token is the word -1 - ordinal.
#}
{% macro sqlserver__encode_statements(tokenizer) -%}
    {%- set references = [ref('tokenizer_pieces'), ref('tokenizer_merges'), ref('tokenizer_characters')] -%}
    {%- if tokenizer.algorithm == 'unsupported' -%}
declare @encode_refusal nvarchar(2000) = {{ hartonomous.text_literal(hartonomous.tokenizer_refusal(tokenizer)) }};
throw 50000, @encode_refusal, 1;
    {%- else -%}
{{ hartonomous.tsql_encode_segments(tokenizer) }}

create table #encode_words (
    word_id int not null identity(0, 1) primary key,
    word_hash binary(16) not null unique,
    word nvarchar(max) {{ hartonomous.tsql_units() }} not null
);
create table #encode_tokens (
    word_id int not null,
    ordinal int not null,
    token_id int not null,
    primary key (word_id, ordinal)
);
create table #encode_occurrences (
    text_id bigint not null,
    segment bigint not null,
    position int not null,
    word_id int not null,
    primary key (text_id, segment, position)
);
        {%- if tokenizer.added_tokens %}
insert into #encode_tokens (word_id, ordinal, token_id)
select -1 - added.ordinal as word_id, 0 as ordinal, added.token_id
from {{ source('raw', 'tokenizer_added_tokens') }} as added
where added.tokenizer_id = {{ hartonomous.text_literal(tokenizer.tokenizer_id) }};
insert into #encode_occurrences (text_id, segment, position, word_id)
select part.text_id, part.segment, 0 as position, -1 - part.added_ordinal as word_id
from #encode_segments as part
where part.added_ordinal is not null;
        {%- endif %}

{{ hartonomous.tsql_encode_wordpiece(tokenizer) if tokenizer.algorithm == 'wordpiece' else hartonomous.tsql_encode_byte_level(tokenizer) }}

{{ hartonomous.tsql_encode_template(tokenizer) }}
    {%- endif -%}
{%- endmacro %}

{# The tokens of the texts, cut to the limit, between those of the template. A limit that the
   template alone exceeds does not hold, as in the reference. #}
{% macro tsql_encode_template(tokenizer) -%}
    {%- set added = tokenizer.before | length + tokenizer.after | length -%}
declare @encode_limit int = case when @max_tokens >= {{ added }} then @max_tokens - {{ added }} else 2147483647 end;
insert into #encoded (text_id, position, token_id)
select body.text_id, body.number + {{ tokenizer.before | length }} as position, body.token_id
from (
    select
        occurrence.text_id,
        token.token_id,
        cast(row_number() over (
            partition by occurrence.text_id
            order by occurrence.segment, occurrence.position, token.ordinal
        ) as int) - 1 as number
    from #encode_occurrences as occurrence
    inner join #encode_tokens as token
        on token.word_id = occurrence.word_id
) as body
where body.number < @encode_limit;
    {%- if tokenizer.after %}
insert into #encoded (text_id, position, token_id)
select
    source.text_id,
    {{ tokenizer.before | length }} + coalesce(counted.tokens, 0) + template.position as position,
    template.token_id
from #input_texts as source
left join (
    select body.text_id, count(*) as tokens
    from #encoded as body
    group by body.text_id
) as counted
    on counted.text_id = source.text_id
cross join (values {% for id in tokenizer.after %}({{ loop.index0 }}, {{ id }}){{ ', ' if not loop.last }}{% endfor %}) as template (position, token_id)
where source.text is not null;
    {%- endif %}
    {%- if tokenizer.before %}
insert into #encoded (text_id, position, token_id)
select source.text_id, template.position, template.token_id
from #input_texts as source
cross join (values {% for id in tokenizer.before %}({{ loop.index0 }}, {{ id }}){{ ', ' if not loop.last }}{% endfor %}) as template (position, token_id)
where source.text is not null;
    {%- endif %}
{%- endmacro %}

{#
  tsql_encode_wordpiece(tokenizer): #encode_words, #encode_occurrences and #encode_tokens of WordPiece.

  Longest match first, all words at once: each round takes the longest piece that begins where a
  word's last one ended. A word of which a part is no piece, or that is too long, is the unknown
  token.
#}
{% macro tsql_encode_wordpiece(tokenizer) -%}
{{ hartonomous.tsql_encode_rewritten(tokenizer, 'pretokenized') }}

create table #encode_split (
    text_id bigint not null,
    segment bigint not null,
    position int not null,
    word_hash binary(16) not null,
    word nvarchar(max) {{ hartonomous.tsql_units() }} not null,
    primary key (text_id, segment, position)
);
insert into #encode_split (text_id, segment, position, word_hash, word)
select
    rewritten.text_id,
    rewritten.segment,
    cast(split.ordinal as int) as position,
    cast(hashbytes('MD5', split.value) as binary(16)) as word_hash,
    split.value as word
from #encode_pretokenized as rewritten
cross apply string_split(rewritten.text, N' ', 1) as split
where datalength(split.value) > 0;

{{ hartonomous.tsql_encode_distinct_words() }}

create table #encode_begins (
    word_id int not null primary key,
    begin_at int not null,
    pieces int not null
);
insert into #encode_begins (word_id, begin_at, pieces)
select word.word_id, 1 as begin_at, 0 as pieces
from #encode_words as word
where (
    select count(*)
    from (values (word.word)) as whole (text)
    {{ hartonomous.tsql_codepoints('whole.text', 'counted') | indent(4) }}
) <= {{ tokenizer.longest_word }};

declare @encode_rounds int = 0;
while exists (
    select 1
    from #encode_begins as state
    inner join #encode_words as word
        on word.word_id = state.word_id
    where state.begin_at <= {{ hartonomous.tsql_length('word.word') }}
)
begin
    set @encode_rounds += 1;
    insert into #encode_tokens (word_id, ordinal, token_id)
    select word.word_id, @encode_rounds as ordinal, longest.token_id
    from #encode_begins as state
    inner join #encode_words as word
        on word.word_id = state.word_id
    cross apply (
        select top (1) piece.token_id
        from {{ hartonomous.tsql_wordpiece_candidates(tokenizer) | indent(8) }}
        order by number.value desc
    ) as longest
    where state.begin_at <= {{ hartonomous.tsql_length('word.word') }};
    update state
    set
        state.begin_at = state.begin_at + longest.length,
        state.pieces = @encode_rounds
    from #encode_begins as state
    inner join #encode_words as word
        on word.word_id = state.word_id
    cross apply (
        select top (1) number.value as length
        from {{ hartonomous.tsql_wordpiece_candidates(tokenizer) | indent(8) }}
        order by number.value desc
    ) as longest
    where state.begin_at <= {{ hartonomous.tsql_length('word.word') }};
    {# no piece in this round: this word has none -#}
    delete state
    from #encode_begins as state
    inner join #encode_words as word
        on word.word_id = state.word_id
    where state.begin_at <= {{ hartonomous.tsql_length('word.word') }}
        and state.pieces < @encode_rounds;
end;
delete token
from #encode_tokens as token
where token.word_id >= 0
    and not exists (select 1 from #encode_begins as state where state.word_id = token.word_id);
insert into #encode_tokens (word_id, ordinal, token_id)
select word.word_id, 0 as ordinal, {{ tokenizer.unknown_id }} as token_id
from #encode_words as word
where not exists (select 1 from #encode_begins as state where state.word_id = word.word_id);
{%- endmacro %}

{# The pieces at the beginning of what is left of a word; none ends within a surrogate pair. #}
{% macro tsql_wordpiece_candidates(tokenizer) -%}
generate_series(1, case
    when {{ hartonomous.tsql_length('word.word') }} - state.begin_at + 1 < {{ 2 * tokenizer.longest_piece }}
        then {{ hartonomous.tsql_length('word.word') }} - state.begin_at + 1
    else {{ 2 * tokenizer.longest_piece }}
end, 1) as number
inner join {{ ref('tokenizer_pieces') }} as piece
    on piece.tokenizer_key = {{ hartonomous.tokenizer_key_value(tokenizer) }}
    and piece.piece_hash = cast(hashbytes('MD5', cast(
        case when state.begin_at = 1 then N'' else {{ hartonomous.text_literal(tokenizer.continuing_prefix) }} end
        + substring(word.word, state.begin_at, number.value) as nvarchar(max)
    )) as binary(16))
    and coalesce(unicode(substring(word.word, state.begin_at + number.value - 1, 1)), 0) not between 55296 and 56319
{%- endmacro %}

{# Each distinct word of #encode_split once, and which stands where. #}
{% macro tsql_encode_distinct_words() -%}
insert into #encode_words (word_hash, word)
select split.word_hash, min(split.word) as word
from #encode_split as split
group by split.word_hash;
insert into #encode_occurrences (text_id, segment, position, word_id)
select split.text_id, split.segment, split.position, word.word_id
from #encode_split as split
inner join #encode_words as word
    on word.word_hash = split.word_hash;
{%- endmacro %}

{#
  tokenizer_lookups(): DuckDB: one row a tokenizer, in which everything that tokenizing looks up
  stands in lists, so that a text is tokenized by one expression over one row, without a join.

  pieces                    WordPiece: the tokens of pieces of words, as a hash table: the piece p stands
                            in bucket hash(p) % buckets() + 1, by its MD5
  piece_merges              byte-level BPE: likewise, a text for each piece: the symbol of the token
                            that a word of exactly this text becomes, a space where that is to be found
                            out, then the merges that make the piece (encode_byte_level)
  byte_symbols              byte-level BPE: the symbol of each byte
  characters                by page of 256 code points, templates of the characters' successors, {} the
                            character itself: one for all of the page, or one a line, or nothing where
                            nothing is done. Of WordPiece a template begins with a sign: ^ a mark that
                            stays, - a character that keeps marks apart and then goes, = others
  normalized                likewise, what the normalizer alone makes of a character
  first_texts, later_texts  by token_id + 1: what a token is as text at the beginning of a text, and
                            later; bytes in hexadecimal where the decoder works on bytes
  are_special               by token_id + 1: whether it is a special token
#}
{% macro tokenizer_lookups() %}
    {{ adapter.dispatch('tokenizer_lookups', 'hartonomous')() }}
{% endmacro %}

{% macro default__tokenizer_lookups() %}
    {% do return(hartonomous.unsupported('a tokenizer as lists')) %}
{% endmacro %}

{% macro duckdb__tokenizer_lookups() %}
with {{ hartonomous.tokenizer_piece_ctes() }},

-- merges that make a piece, each four symbols: rank, what it makes, left, right
made as (
    select
        merge.tokenizer_id,
        merge.merged_id as token_id,
        bool_or(merge.makes_word) as makes_word,
        string_agg(
            {{ hartonomous.symbol('merge.rank') }} || {{ hartonomous.symbol('merge.merged_id') }}
                || {{ hartonomous.symbol('merge.left_id') }} || {{ hartonomous.symbol('merge.right_id') }},
            '' order by merge.rank
        ) as piece_merges
    from {{ source('raw', 'tokenizer_merges') }} as merge
    group by merge.tokenizer_id, merge.merged_id
),

piece as (
    select token.tokenizer_id, token.token as piece, token.token_id, null as piece_merges
    from vocabulary as token
    where token.algorithm = 'wordpiece'
    union all
    select
        token.tokenizer_id,
        token.piece,
        null,
        case
            when token.ignores_merges or length(token.piece) = 1 or made.makes_word
                then {{ hartonomous.symbol('token.token_id') }}
            else ' '
        end || coalesce(made.piece_merges, '')
    from byte_vocabulary as token
    left join made
        on made.tokenizer_id = token.tokenizer_id and made.token_id = token.token_id
    union all
    select added.tokenizer_id, added.piece, added.token_id, {{ hartonomous.symbol('added.token_id') }}
    from added_piece as added
),

bucket as (
    select
        piece.tokenizer_id,
        cast(hash(piece.piece) % {{ hartonomous.buckets() }} as integer) as number,
        map_from_entries(list((md5_number(piece.piece), piece.token_id))) as pieces,
        map_from_entries(list((md5_number(piece.piece), piece.piece_merges))) as piece_merges
    from piece
    group by piece.tokenizer_id, number
),

table_of_pieces as (
    select
        rules.tokenizer_id,
        list(bucket.pieces order by place.number) as pieces,
        list(bucket.piece_merges order by place.number) as piece_merges
    from {{ source('raw', 'tokenizer_rules') }} as rules
    cross join (select unnest(range({{ hartonomous.buckets() }})) as number) as place
    left join bucket
        on bucket.tokenizer_id = rules.tokenizer_id and bucket.number = place.number
    group by rules.tokenizer_id
),

bytes as (
    select
        rules.tokenizer_id,
        list(coalesce({{ hartonomous.symbol('token.token_id') }}, '') order by byte.number) as byte_symbols
    from {{ source('raw', 'tokenizer_rules') }} as rules
    cross join (select unnest(range(256)) as number) as byte
    left join byte_vocabulary as token
        on token.tokenizer_id = rules.tokenizer_id and token.piece = chr(cast(byte.number as integer))
    group by rules.tokenizer_id
),

{{ hartonomous.tokenizer_page_ctes() }},

table_of_texts as (
    select
        token.tokenizer_id,
        list(token.first_text order by token.token_id) as first_texts,
        list(token.later_text order by token.token_id) as later_texts,
        list(token.is_special order by token.token_id) as are_special
    from token_text as token
    group by token.tokenizer_id
)

-- A scan reads the lists of a whole vector of 2,048 rows or skips them all: each tokenizer has a
-- vector of its own, the rest of it empty.
select
    case when place.number = 0 then {{ hartonomous.tokenizer_key('place.tokenizer_id') }} end as tokenizer_key,
    table_of_pieces.pieces,
    table_of_pieces.piece_merges,
    bytes.byte_symbols,
    table_of_characters.characters,
    table_of_characters.normalized,
    table_of_texts.first_texts,
    table_of_texts.later_texts,
    table_of_texts.are_special
from (
    select rules.tokenizer_id, unnest(range(2048)) as number
    from {{ source('raw', 'tokenizer_rules') }} as rules
    where rules.algorithm <> 'unsupported'
) as place
left join table_of_pieces
    on table_of_pieces.tokenizer_id = place.tokenizer_id and place.number = 0
left join bytes
    on bytes.tokenizer_id = place.tokenizer_id and place.number = 0
left join table_of_characters
    on table_of_characters.tokenizer_id = place.tokenizer_id and place.number = 0
left join table_of_texts
    on table_of_texts.tokenizer_id = place.tokenizer_id and place.number = 0
order by place.tokenizer_id, place.number
{% endmacro %}

{# Buckets of the hash table of pieces. #}
{% macro buckets() %}
    {% do return(4096) %}
{% endmacro %}

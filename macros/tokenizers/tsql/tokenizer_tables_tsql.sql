{#
  The tables that tokenizing as statements reads; in DuckDB their place has tokenizer_lookups.

  tsql_tokenizer_pieces()      (tokenizer_key, piece_hash, token_id, byte): WordPiece's tokens; of
                               byte-level BPE the single bytes, and the tokens that a word of their text
                               becomes without being merged. piece_hash is the MD5 of the token, or of
                               its bytes in hexadecimal
  tsql_tokenizer_merges()      (tokenizer_key, left_id, right_id, merge_rank, merged_id)
  tsql_tokenizer_characters()  the landed characters by page of 256 code points; composed_first and
                               composed_second are the two that a character is composed from
  tsql_tokenizer_texts()       (tokenizer_key, token_id, is_special, first_text, later_text): a token at
                               the beginning of a text and later; bytes in hexadecimal

  key_of_tokenizer(table) is the number that stands for the tokenizer (tokenizer_settings.sql).
#}
{% macro tsql_tokenizer_pieces() -%}
{{ config(materialized='table', enabled=hartonomous.tokenizes_by_statements(), indexes=hartonomous.table_indexes(['tokenizer_key', 'piece_hash', 'token_id'])) }}
select
    {{ hartonomous.tokenizer_key('piece.tokenizer_id') }} as tokenizer_key,
    cast(hashbytes('MD5', piece.text) as binary(16)) as piece_hash,
    piece.token_id,
    piece.byte
from (
    select
        token.tokenizer_id,
        token.token_id,
        case when rules.algorithm = 'wordpiece' then token.token else spelled.bytes end as text,
        case
            when rules.algorithm = 'byte_level_bpe' and datalength(spelled.bytes) = 4
                then cast(convert(binary(1), spelled.bytes, 2) as int)
        end as byte,
        json_value(rules.settings, '$.ignore_merges') as ignores_merges,
        rules.algorithm
    from {{ source('raw', 'tokens') }} as token
    inner join {{ source('raw', 'tokenizer_rules') }} as rules
        on rules.tokenizer_id = token.tokenizer_id and rules.algorithm <> 'unsupported'
    outer apply {{ hartonomous.tsql_sign_bytes('token.token') | indent(4) }} as spelled
    where not exists (
        select 1
        from {{ source('raw', 'tokenizer_added_tokens') }} as added
        where added.tokenizer_id = token.tokenizer_id
            and added.token_id = token.token_id
            and added.is_in_vocabulary = 0
    )
) as piece
where piece.text is not null
    and (piece.algorithm = 'wordpiece' or piece.byte is not null or piece.ignores_merges = 'true')
{%- endmacro %}

{% macro tsql_tokenizer_merges() -%}
{{ config(materialized='table', enabled=hartonomous.tokenizes_by_statements(), indexes=hartonomous.table_indexes(['tokenizer_key', 'left_id', 'right_id'])) }}
select
    {{ hartonomous.tokenizer_key('landed.tokenizer_id') }} as tokenizer_key,
    landed.left_id,
    landed.right_id,
    landed.rank as merge_rank,
    landed.merged_id
from {{ source('raw', 'tokenizer_merges') }} as landed
{%- endmacro %}

{% macro tsql_tokenizer_characters() -%}
{{ config(materialized='table', enabled=hartonomous.tokenizes_by_statements(), indexes=hartonomous.table_indexes(['tokenizer_key', 'page', 'first_codepoint'])) }}
select
    {{ hartonomous.tokenizer_key('landed.tokenizer_id') }} as tokenizer_key,
    landed.first_codepoint / 256 as page,
    landed.first_codepoint,
    landed.last_codepoint,
    landed.normalized,
    landed.pretokenized,
    landed.combining_class,
    pair.first_part as composed_first,
    pair.second_part as composed_second
from {{ source('raw', 'tokenizer_characters') }} as landed
outer apply (
    select
        min(case when letter.place = 1 then letter.codepoint end) as first_part,
        min(case when letter.place > 1 then letter.codepoint end) as second_part
    from (values (landed.composed_from)) as whole (text)
    {{ hartonomous.tsql_codepoints('whole.text', 'letter') | indent(4) }}
) as pair
{%- endmacro %}

{% macro tsql_tokenizer_texts() -%}
{{ config(materialized='table', enabled=hartonomous.tokenizes_by_statements(), indexes=hartonomous.table_indexes(['tokenizer_key', 'token_id'])) }}
select
    {{ hartonomous.tokenizer_key('spelled.tokenizer_id') }} as tokenizer_key,
    spelled.token_id,
    spelled.is_special,
    case
        when spelled.decoder_cleanup = 'true' then {{ hartonomous.cleaned_up('spelled.text') }}
        else spelled.text
    end as first_text,
    case
        when spelled.decoder_cleanup = 'true' then {{ hartonomous.cleaned_up('spelled.later') }}
        else spelled.later
    end as later_text
from (
    select
        plain.*,
        case
            when plain.decoder = 'byte_level' then plain.text
            when datalength(plain.decoder_prefix) > 0
                and left(plain.text, datalength(plain.decoder_prefix) / 2) {{ hartonomous.tsql_units() }} = plain.decoder_prefix
                then substring(plain.text, datalength(plain.decoder_prefix) / 2 + 1, datalength(plain.text))
            else N' ' + plain.text
        end as later
    from (
        select
            token.tokenizer_id,
            token.token_id,
            token.is_special,
            settings.decoder,
            settings.decoder_prefix,
            settings.decoder_cleanup,
            case
                when settings.decoder = 'byte_level' then coalesce(signs.bytes, letters.bytes)
                else coalesce(added.spelled, token.token)
            end {{ hartonomous.tsql_units() }} as text
        from {{ source('raw', 'tokens') }} as token
        inner join {{ source('raw', 'tokenizer_rules') }} as rules
            on rules.tokenizer_id = token.tokenizer_id and rules.algorithm <> 'unsupported'
        cross apply (
            select
                json_value(rules.settings, '$.decoder') as decoder,
                coalesce(json_value(rules.settings, '$.decoder_prefix'), N'') {{ hartonomous.tsql_units() }} as decoder_prefix,
                json_value(rules.settings, '$.decoder_cleanup') as decoder_cleanup
        ) as settings
        left join {{ source('raw', 'tokenizer_added_tokens') }} as added
            on added.tokenizer_id = token.tokenizer_id and added.token_id = token.token_id
        outer apply {{ hartonomous.tsql_sign_bytes('coalesce(added.spelled, token.token)') | indent(8) }} as signs
        outer apply {{ hartonomous.tsql_text_bytes('coalesce(added.spelled, token.token)') | indent(8) }} as letters
    ) as plain
) as spelled
{%- endmacro %}

{% macro tokenizes_by_statements() %}
    {% do return(hartonomous.supports('tokenizers') and hartonomous.supports('procedures')) %}
{% endmacro %}

{#
  tokenizer_piece_ctes(): what raw.tokens is to a tokenizer, as CTEs that the engines' tables are made
  of: vocabulary (the model's own tokens), byte_vocabulary (those of byte-level BPE, as bytes),
  added_piece (added tokens), token_text (every token as text).
#}
{% macro tokenizer_piece_ctes() -%}
token as (
    select
        landed.tokenizer_id,
        landed.token_id,
        landed.token,
        coalesce(added.spelled, landed.token) as spelled,
        landed.is_special,
        rules.algorithm,
        json_extract_string(rules.settings, '$.decoder') as decoder,
        coalesce(json_extract_string(rules.settings, '$.decoder_prefix'), '') as decoder_prefix,
        json_extract_string(rules.settings, '$.decoder_cleanup') = 'true' as decoder_cleanup,
        coalesce(json_extract_string(rules.settings, '$.ignore_merges') = 'true', false) as ignores_merges
    from {{ source('raw', 'tokens') }} as landed
    inner join {{ source('raw', 'tokenizer_rules') }} as rules
        on rules.tokenizer_id = landed.tokenizer_id
    left join {{ source('raw', 'tokenizer_added_tokens') }} as added
        on added.tokenizer_id = landed.tokenizer_id and added.token_id = landed.token_id
    where rules.algorithm <> 'unsupported'
),

vocabulary as (
    select token.tokenizer_id, token.token_id, token.token, token.algorithm, token.ignores_merges
    from token
    where not exists (
        select 1
        from {{ source('raw', 'tokenizer_added_tokens') }} as added
        where added.tokenizer_id = token.tokenizer_id
            and added.token_id = token.token_id
            and not added.is_in_vocabulary
    )
),

byte_vocabulary as (
    select
        token.tokenizer_id,
        token.token_id,
        token.ignores_merges,
        {{ hartonomous.byte_text('token.token') }} as piece
    from vocabulary as token
    where token.algorithm = 'byte_level_bpe'
        and {{ hartonomous.is_byte_text('token.token') }}
),

-- the first of two tokens with one pattern finds all
added_piece as (
    select
        added.tokenizer_id,
        {{ hartonomous.added_piece('added.pattern') }} as piece,
        min_by(added.token_id, added.ordinal) as token_id
    from {{ source('raw', 'tokenizer_added_tokens') }} as added
    group by added.tokenizer_id, added.pattern
),

plain_text as (
    select
        token.*,
        case
            when token.decoder = 'byte_level' and {{ hartonomous.is_byte_text('token.spelled') }}
                then {{ hartonomous.byte_text_hex(hartonomous.byte_text('token.spelled')) }}
            when token.decoder = 'byte_level' then hex(encode(token.spelled))
            else token.spelled
        end as text
    from token
),

later_text as (
    select
        plain_text.*,
        case
            when plain_text.decoder = 'byte_level' then plain_text.text
            when plain_text.decoder_prefix <> '' and starts_with(plain_text.text, plain_text.decoder_prefix)
                then substring(plain_text.text, length(plain_text.decoder_prefix) + 1)
            else ' ' || plain_text.text
        end as later
    from plain_text
),

-- every number up to the highest, so that a token stands at its number
token_text as (
    select
        numbered.tokenizer_id,
        numbered.token_id,
        case
            when spelled.decoder_cleanup then {{ hartonomous.cleaned_up('spelled.text') }}
            else spelled.text
        end as first_text,
        case
            when spelled.decoder_cleanup then {{ hartonomous.cleaned_up('spelled.later') }}
            else spelled.later
        end as later_text,
        coalesce(spelled.is_special, false) as is_special
    from (
        select token.tokenizer_id, unnest(range(max(token.token_id) + 1)) as token_id
        from token
        group by token.tokenizer_id
    ) as numbered
    left join later_text as spelled
        on spelled.tokenizer_id = numbered.tokenizer_id and spelled.token_id = numbered.token_id
)
{%- endmacro %}

{# What the reference's decoder of WordPiece does to a token (decoders/wordpiece.rs, cleanup). #}
{% macro cleaned_up(text) -%}
    {%- set cleaned = namespace(sql=text) -%}
    {%- for found, becomes in [
        (' .', '.'), (' ?', '?'), (' !', '!'), (' ,', ','), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
        (' do not', " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ] -%}
        {%- set cleaned.sql = 'replace(' ~ cleaned.sql ~ ', ' ~ hartonomous.text_literal(found) ~ ', ' ~ hartonomous.text_literal(becomes) ~ ')' -%}
    {%- endfor -%}
    {{ cleaned.sql }}
{%- endmacro %}

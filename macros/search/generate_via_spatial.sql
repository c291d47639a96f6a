{#
  generate_via_spatial(seed_token, num_tokens): a walk over a model's token embeddings: each step
  goes to the nearest 3-D position that was not visited yet. It is a walk over related words, not
  language generation (docs/claims.md). Special tokens are passed over.

  Returns seq (1 to num_tokens), token, distance (Euclidean, of this step), generated_text (the seed
  and all tokens so far, joined as the tokenizer joins them). The seed is a token as it is, in lower
  case, or with the sign for a leading space; one that is not in the vocabulary is an error.

  model: a landed model's name, else the default model; suffix: what the name of another model's
  callable carries.
#}
{% macro generate_via_spatial(model=none, suffix=none) %}
    {{ hartonomous.only_where('geometry') }}
    {{ hartonomous.callable('sp_GenerateViaSpatial' ~ hartonomous.space_suffix(suffix), [
        {'name': 'seed_token', 'type': 'key'},
        {'name': 'num_tokens', 'type': 'int', 'default': 10},
    ]) }}
    {{ adapter.dispatch('generate_via_spatial', 'hartonomous')(hartonomous.model_name(model)) }}
{% endmacro %}

{% macro duckdb__generate_via_spatial(model_name) %}
with recursive vocabulary as materialized (
    select place.token_id, place.token, place.x, place.y, place.z
    from {{ ref('tokens') }} as place
    where place.model_name = {{ hartonomous.text_literal(model_name) }}
        and place.x is not null
        and not place.is_special
),

seed as materialized (
    select candidate.token_id, candidate.token, candidate.x, candidate.y, candidate.z
    from vocabulary as candidate
    inner join (
        values (1, seed_token), (2, lower(seed_token)), (3, 'Ġ' || seed_token), (4, '▁' || seed_token)
    ) as spelling (preference, token)
        on spelling.token = candidate.token
    order by spelling.preference
    limit 1
),

walk as (
    select
        0 as seq,
        seed.token_id,
        seed.token,
        cast(0 as double) as distance,
        seed.x,
        seed.y,
        seed.z,
        [seed.token_id] as visited
    from seed

    union all

    select
        step.seq,
        step.nearest.token_id,
        step.nearest.token,
        step.nearest.distance,
        step.nearest.x,
        step.nearest.y,
        step.nearest.z,
        list_append(step.visited, step.nearest.token_id)
    from (
        select
            walk.seq + 1 as seq,
            walk.visited,
            arg_min(
                {
                    'token_id': candidate.token_id,
                    'token': candidate.token,
                    'distance': {{ hartonomous.distance_3d('candidate', 'walk.x', 'walk.y', 'walk.z') }},
                    'x': candidate.x,
                    'y': candidate.y,
                    'z': candidate.z
                },
                (
                    {{ hartonomous.distance_3d('candidate', 'walk.x', 'walk.y', 'walk.z') }},
                    candidate.token_id
                )
            ) as nearest
        from walk
        cross join vocabulary as candidate
        where walk.seq < num_tokens
            and not list_contains(walk.visited, candidate.token_id)
        group by walk.seq, walk.visited
    ) as step
),

joined as (
    select
        walk.seq,
        walk.token,
        walk.distance,
        string_agg({{ hartonomous.duckdb_token_text('walk.token') }}, '' order by walk.seq)
            over (order by walk.seq rows between unbounded preceding and current row) as generated_text
    from walk
)

select
    joined.seq,
    joined.token,
    joined.distance,
    ltrim(joined.generated_text) as generated_text
from joined
where joined.seq > 0

union all

select 0, null, null, error('generate_via_spatial: the token ' || coalesce(seed_token, 'null') || ' is not in the vocabulary')
where not exists (select 1 from seed)

order by seq
{% endmacro %}

{#
  A token as text: WordPiece marks continuations by ##, byte-level BPE a leading space by Ġ and
  SentencePiece by ▁. A token without any mark starts a word.
#}
{% macro duckdb_token_text(token) -%}
    case
        when starts_with({{ token }}, '##') then substr({{ token }}, 3)
        when starts_with({{ token }}, 'Ġ') or starts_with({{ token }}, '▁') then ' ' || substr({{ token }}, 2)
        else ' ' || {{ token }}
    end
{%- endmacro %}

{% macro default__generate_via_spatial(model_name) %}
    {% do return(hartonomous.unsupported('generate_via_spatial')) %}
{% endmacro %}

{#
  choose_ctes(scores, ...): the next token from CTE `scores` (token_id, logit) of one position, as
  CTE `chosen` (token_id, log_probability).

  temperature 0 is greedy: the largest logit, ties by token_id. Else, in transformers' order: logits
  are divided by the temperature; top_k keeps that many (0: all); top_p keeps the likeliest tokens
  until their probability reaches it (Holtzman et al. 2019; 1: all), the first one always; then one is
  drawn by the inverse of the cumulative distribution, likeliest first.

  The draw is hartonomous.random_number(seed, step): the same on every engine and at every run.
  log_probability is the model's own, before temperature and filters.
#}
{% macro choose_ctes(scores, temperature, top_k, top_p, seed, step, vocabulary_size) -%}
candidates as materialized (
    select
        ranked.token_id,
        ranked.logit,
        ranked.rank,
        ranked.weight,
        sum(ranked.weight) over (order by ranked.rank) as running,
        sum(ranked.weight) over () as total
    from (
        select
            scored.token_id,
            scored.logit,
            row_number() over (order by scored.logit desc, scored.token_id) as rank,
            exp(
                (cast(scored.logit as double) - max(scored.logit) over ())
                / case when {{ temperature }} > 0 then cast({{ temperature }} as double) else 1e0 end
            ) as weight
        from (
            select likely.token_id, likely.logit
            from {{ scores }} as likely
            order by likely.logit desc, likely.token_id
            limit case
                when {{ temperature }} = 0 then 1
                when {{ top_k }} > 0 then {{ top_k }}
                else {{ vocabulary_size }}
            end
        ) as scored
    ) as ranked
),

nucleus as materialized (
    select
        candidate.token_id,
        candidate.logit,
        candidate.rank,
        candidate.running,
        max(candidate.running) over () as kept
    from candidates as candidate
    where candidate.rank = 1 or candidate.running - candidate.weight < {{ top_p }} * candidate.total
),

chosen as materialized (
    select
        drawn.token_id,
        drawn.logit - normalizer.log_total as log_probability
    from (
        select nucleus.token_id, nucleus.logit
        from nucleus
        where nucleus.running > {{ hartonomous.random_number(seed, step) }} * nucleus.kept
            or nucleus.running = nucleus.kept
        order by nucleus.rank
        limit 1
    ) as drawn
    cross join (
        select ln(sum(exp(cast(scored.logit as double) - largest.highest))) + any_value(largest.highest) as log_total
        from {{ scores }} as scored
        cross join (select cast(max(top.logit) as double) as highest from {{ scores }} as top) as largest
    ) as normalizer
)
{%- endmacro %}

{# What the parameters of a choice must be (as prompt_ctes takes it). #}
{% macro sampling_checks() %}
    {% do return([
        hartonomous.minimum_check('max_tokens', 0),
        hartonomous.minimum_check('temperature', 0),
        hartonomous.minimum_check('top_k', 0),
        hartonomous.parameter_check('top_p', 'top_p > 0 and top_p <= 1', 'more than 0 and at most 1'),
        ['seed is not null', "'seed is null: it must be a number'"],
    ]) %}
{% endmacro %}

{#
  random_number(seed, step): a number in [0, 1), uniform, from the first 48 bits of
  MD5('<seed>:<step>').
#}
{% macro random_number(seed, step) %}
    {% do return(adapter.dispatch('random_number', 'hartonomous')(seed, step)) %}
{% endmacro %}

{% macro duckdb__random_number(seed, step) -%}
(cast('0x' || left(md5(cast({{ seed }} as varchar) || ':' || cast({{ step }} as varchar)), 12) as bigint) / 281474976710656e0)
{%- endmacro %}

{% macro default__random_number(seed, step) %}
    {% do return(hartonomous.unsupported('a seeded random number')) %}
{% endmacro %}

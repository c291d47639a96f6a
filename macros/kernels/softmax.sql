{#
  softmax: p_j = exp(s_j - max(s)) / sum_k exp(s_k - max(s)), over the list column `scores`.

  The largest score is taken off first, so that scores of 10,000 do not overflow. From a relation
  with `scores FLOAT[]` to the same columns with `weights FLOAT[]` in its place.
#}
{% macro softmax(input) -%}
select
    raised.* exclude (scores, highest, powers, total),
    cast(list_transform(raised.powers, lambda power: power / raised.total) as float[]) as weights
from (
    select
        powered.*,
        list_sum(powered.powers) as total
    from (
        select
            given.*,
            list_transform(given.scores, lambda score: exp(score - given.highest)) as powers
        from (
            select
                scored.*,
                list_max(scored.scores) as highest
            from {{ input }} as scored
        ) as given
    ) as powered
) as raised
{%- endmacro %}

{#
  Layer norm (Ba et al. 2016), without gain and bias:

    normed = (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon)

  The mean is taken off before squares are summed: the difference of two large sums would lose the
  digits that models with outlier dimensions need.
#}
{% macro layer_norm(input, column, width, epsilon) -%}
select
    centered.row_id,
    centered.text_id,
    centered.position,
    cast(list_transform(centered.deviations, lambda deviation: deviation * centered.scale) as float[]) as normed
from (
    select
        spread.*,
        cast(1 / sqrt(list_dot_product(spread.deviations, spread.deviations) / {{ width }} + {{ epsilon }}) as float) as scale
    from (
        select
            averaged.row_id,
            averaged.text_id,
            averaged.position,
            cast(list_transform(averaged.x, lambda value: value - averaged.mean) as float[]) as deviations
        from (
            select
                given.row_id,
                given.text_id,
                given.position,
                given.{{ column }} as x,
                cast(list_sum(given.{{ column }}) / {{ width }} as float) as mean
            from {{ input }} as given
        ) as averaged
    ) as spread
) as centered
{%- endmacro %}

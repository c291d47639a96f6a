{#
  pooling(settings, input): the vectors of a text's tokens as one (sentence-transformers'
  modules Pooling and Normalize), from (text_id, position, hidden FLOAT[]) to (text_id, embedding).

    mean           the average over all tokens, special ones included
    mean_sqrt_len  the sum over the square root of their number
    max            the largest of each dimension
    cls            the first token's
    lasttoken      the last token's
  then, where the model normalizes, divided by its L2 norm.
#}
{% macro pooling(settings, input) -%}
{%- set expression = {
    'mean': 'avg(value.value)',
    'mean_sqrt_len': 'sum(value.value) / sqrt(count(*))',
    'max': 'max(value.value)',
    'cls': 'arg_min(value.value, value.position)',
    'lasttoken': 'arg_max(value.value, value.position)',
}[settings.pooling] -%}
select
    pooled.text_id,
    {%- if settings.is_normalized %}
    list(pooled.value / greatest(sqrt(pooled.squares), 1e-12) order by pooled.dimension) as embedding
    {%- else %}
    list(pooled.value order by pooled.dimension) as embedding
    {%- endif %}
from (
    select
        reduced.*,
        sum(reduced.value * reduced.value) over (partition by reduced.text_id) as squares
    from (
        select
            value.text_id,
            value.dimension,
            {{ expression }} as value
        from (
            select
                token.text_id,
                token.position,
                cast(unnest(token.hidden) as double) as value,
                unnest(range({{ settings.hidden_size }})) as dimension
            from {{ input }} as token
        ) as value
        group by value.text_id, value.dimension
    ) as reduced
) as pooled
group by pooled.text_id
{%- endmacro %}

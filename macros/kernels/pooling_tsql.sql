{#
  pooling on SQL Server: from SELECT `numbers` (row_id, dimension, value) of the tokens in #sequence
  (row_id, text_id, position) to SELECT (text_id, embedding), the embedding as JSON text. The methods
  are those of pooling.sql.
#}
{% macro sqlserver_pooling(settings, numbers) -%}
{%- set expression = {
    'mean': 'avg(cast(number.value as float))',
    'mean_sqrt_len': 'sum(cast(number.value as float)) / sqrt(count(*))',
    'max': 'max(cast(number.value as float))',
    'cls': 'max(cast(number.value as float))',
    'lasttoken': 'max(cast(number.value as float))',
}[settings.pooling] -%}
select
    pooled.text_id,
    {{ hartonomous.sqlserver_json_vector('pooled.value', 'pooled.dimension') | indent(4) }} as embedding
from (
    select
        reduced.text_id,
        reduced.dimension,
        {%- if settings.is_normalized %}
        reduced.value / greatest(sqrt(sum(reduced.value * reduced.value) over (partition by reduced.text_id)), 1e-12) as value
        {%- else %}
        reduced.value
        {%- endif %}
    from (
        select
            token.text_id,
            number.dimension,
            {{ expression }} as value
        from (
            {{ numbers | indent(12) }}
        ) as number
        inner join #sequence as token
            on token.row_id = number.row_id
        {%- if settings.pooling in ['cls', 'lasttoken'] %}
        inner join (
            select
                placed.text_id,
                {{ 'min' if settings.pooling == 'cls' else 'max' }}(placed.position) as position
            from #sequence as placed
            group by placed.text_id
        ) as chosen
            on chosen.text_id = token.text_id and chosen.position = token.position
        {%- endif %}
        group by token.text_id, number.dimension
    ) as reduced
) as pooled
group by pooled.text_id
{%- endmacro %}

{# Aggregate: numbers in the order of `index` as JSON text, of any length. #}
{% macro sqlserver_json_vector(value, index) -%}
'[' + string_agg(convert(nvarchar(max), cast({{ value }} as real), 3), ',') within group (order by {{ index }}) + ']'
{%- endmacro %}

{# That text as a VECTOR, where it is not wider than one can be. #}
{% macro sqlserver_shown_vector(json, width) -%}
{%- if width <= 1998 -%}
cast({{ json }} as vector({{ width }}))
{%- else -%}
{{ json }}
{%- endif -%}
{%- endmacro %}

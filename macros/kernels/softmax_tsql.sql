{#
  softmax on SQL Server: the column `score` of a #table as `weight`, within each group of `keys`, with
  the other columns `others`.

  The largest score is taken off first. Powers below exp(-70) are raised to it: REAL ends at 1e-38,
  and beside the largest, which is 1, that is nothing.
#}
{% macro sqlserver_softmax(input, keys, others) -%}
select
    {%- for column in keys + others %}
    raised.{{ column }},
    {%- endfor %}
    raised.power / sum(raised.power) over (partition by {{ hartonomous.sqlserver_columns('raised', keys) }}) as weight
from (
    select
        {%- for column in keys + others %}
        scored.{{ column }},
        {%- endfor %}
        exp(greatest(
            cast(scored.score as float) - max(scored.score) over (partition by {{ hartonomous.sqlserver_columns('scored', keys) }}),
            -70
        )) as power
    from {{ input }} as scored
) as raised
{%- endmacro %}

{% macro sqlserver_columns(table, columns) -%}
{%- for column in columns -%}
{{ table }}.{{ column }}{{ ', ' if not loop.last }}
{%- endfor -%}
{%- endmacro %}

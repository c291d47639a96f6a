{#
  compared_codes in T-SQL: BIT_COUNT of the words that differ. The numbers are FLOAT, since orders
  divide them. BIT_COUNT and ^ are those of SQL Server 2022 and newer, Azure SQL Database and Fabric
  (https://learn.microsoft.com/sql/t-sql/functions/bit-count-transact-sql).
#}
{% macro sqlserver__compared_codes(training, settings, keys, source) %}{{ hartonomous.tsql_compared_codes(training, settings, keys, source) }}{% endmacro %}

{% macro fabric__compared_codes(training, settings, keys, source) %}{{ hartonomous.tsql_compared_codes(training, settings, keys, source) }}{% endmacro %}

{% macro tsql_compared_codes(training, settings, keys, source) -%}
{%- set kept = keys + (['norm'] if settings.metric != 'cosine' else []) -%}
(
    select
        {%- for key in hartonomous.unqualified(kept) %}
        differing.{{ key }},
        {%- endfor %}
        {%- for word in range(training.words) %}
        differing.differing_{{ word }},
        {%- endfor %}
        cast(
            {%- for word in range(training.words) %}
            bit_count(differing.differing_{{ word }}){{ ' +' if not loop.last }}
            {%- endfor %}
        as float) as difference
    from (
        select
            {%- for key in kept %}
            {{ key if '.' in key else 'coded.' ~ key }},
            {%- endfor %}
            {%- for word in range(training.words) %}
            coded.code_{{ word }} ^ question.code_{{ word }} as differing_{{ word }}{{ ',' if not loop.last }}
            {%- endfor %}
        {{ source | indent(8) }}
    ) as differing
)
{%- endmacro %}

{% macro sqlserver__weighted_difference(training, row, question) %}{{ hartonomous.tsql_weighted_difference(training, row, question) }}{% endmacro %}

{% macro fabric__weighted_difference(training, row, question) %}{{ hartonomous.tsql_weighted_difference(training, row, question) }}{% endmacro %}

{% macro tsql_weighted_difference(training, row, question) -%}
cast(
    {%- for word in range(training.words) %}
    bit_count({{ row }}.differing_{{ word }} & {{ question }}.low_{{ word }})
        + 2 * bit_count({{ row }}.differing_{{ word }} & {{ question }}.high_{{ word }}){{ ' +' if not loop.last }}
    {%- endfor %}
as float)
{%- endmacro %}

{#
  passes_filters in T-SQL. A filter is taken apart into (filter_id, column_name, operator, value_type,
  low_type, low, high_type, high, list): `low` is the value, or the lower end of a range, `list` what
  `in` chooses from; types are OPENJSON's (1 text, 2 number, 4 array, 5 object). SQL Server keeps the
  rows in a temporary table that check_parameters fills, so that no row of the scan parses JSON again;
  Fabric Warehouse opens them where they are read.

  Keys are looked up by OPENJSON and not by JSON_VALUE: a key may hold quotes and dots, a value more
  than 4,000 characters. https://learn.microsoft.com/sql/t-sql/functions/openjson-transact-sql
#}
{% macro sqlserver__passes_filters(row, filters) %}{{ hartonomous.tsql_passes_filters(row, '#filters') }}{% endmacro %}

{% macro fabric__passes_filters(row, filters) %}{{ hartonomous.tsql_passes_filters(row, '(\n' ~ hartonomous.tsql_filter_rows(filters) ~ ')') }}{% endmacro %}

{% macro tsql_passes_filters(row, wanted) -%}
    not exists (
        select wanted.filter_id
        from {{ wanted | indent(8) }} as wanted
        cross apply (
            select case wanted.column_name
                when 'source' then {{ row }}.source
                when 'source_text' then {{ row }}.source_text
                when 'embedding_id' then cast({{ row }}.embedding_id as {{ hartonomous.sql_type('key') }})
                else (
                    select min(entry.value)
                    from openjson({{ row }}.metadata) as entry
                    where entry.[key] = wanted.column_name {{ hartonomous.tsql_binary() }}
                )
            end as value
        ) as actual
        {{ hartonomous.tsql_filter_orders('actual.value') | indent(8) }}
        where {{ hartonomous.tsql_filter_met('actual.value') | indent(8) }} = 0
    )
{%- endmacro %}

{# The order of a value among the filter's ends, which tsql_filter_met goes by. #}
{% macro tsql_filter_orders(actual) -%}
cross apply (
    select
        {{ hartonomous.tsql_order(actual, 'wanted.low', 'wanted.low_type') | indent(8) }} as low_order,
        {{ hartonomous.tsql_order(actual, 'wanted.high', 'wanted.high_type') | indent(8) }} as high_order
) as compared
{%- endmacro %}

{# 1 where the value meets the filter `wanted`, else 0. #}
{% macro tsql_filter_met(actual) -%}
case
    when wanted.operator = '=' and compared.low_order = 0 then 1
    when wanted.operator = '!=' and compared.low_order <> 0 then 1
    when wanted.operator = '<' and compared.low_order < 0 then 1
    when wanted.operator = '<=' and compared.low_order <= 0 then 1
    when wanted.operator = '>' and compared.low_order > 0 then 1
    when wanted.operator = '>=' and compared.low_order >= 0 then 1
    when wanted.operator = 'between' and compared.low_order >= 0 and compared.high_order <= 0 then 1
    when wanted.operator = 'in' and exists (
        select entry.value
        from openjson(wanted.list) as entry
        where entry.value = {{ actual }} {{ hartonomous.tsql_binary() }}
    ) then 1
    else 0
end
{%- endmacro %}

{# -1, 0 or 1: how a column's text compares to a filter's, as numbers if that one is; NULL: not at all. #}
{% macro tsql_order(actual, wanted, value_type) -%}
    case
        when {{ value_type }} = 2 then sign(try_cast({{ actual }} as float) - try_cast({{ wanted }} as float))
        when {{ actual }} = {{ wanted }} {{ hartonomous.tsql_binary() }} then 0
        when {{ actual }} < {{ wanted }} {{ hartonomous.tsql_binary() }} then -1
        when {{ actual }} > {{ wanted }} {{ hartonomous.tsql_binary() }} then 1
    end
{%- endmacro %}

{# Texts compare by code point, whatever the collations of the server and the database are. #}
{% macro tsql_binary() -%}
    collate Latin1_General_100_BIN2_UTF8
{%- endmacro %}

{% macro tsql_filter_rows(filters) -%}
    select
        cast(filter.[key] as int) as filter_id,
        field.column_name,
        case field.operator
            when 'equals' then '='
            when 'not_equals' then '!='
            when 'range' then 'between'
            else field.operator
        end as operator,
        given.value_type,
        coalesce(ends.low_type, given.value_type) as low_type,
        coalesce(ends.low, given.value) as low,
        ends.high_type,
        ends.high,
        case when given.value_type = 4 then given.value end as list
    from openjson({{ filters }}) as filter
    outer apply openjson(filter.value) with (
        column_name {{ hartonomous.sql_type('text') }} '$.column',
        operator {{ hartonomous.sql_type('key') }} '$.operator'
    ) as field
    outer apply (
        select
            entry.value,
            cast(entry.type as int) as value_type
        from openjson(filter.value) as entry
        where entry.[key] = 'value'
    ) as given
    outer apply (
        select
            max(case when entry.[key] = '0' then cast(entry.type as int) end) as low_type,
            max(case when entry.[key] = '0' then entry.value end) as low,
            max(case when entry.[key] = '1' then cast(entry.type as int) end) as high_type,
            max(case when entry.[key] = '1' then entry.value end) as high
        from openjson(case when given.value_type = 4 then given.value end) as entry
    ) as ends
{%- endmacro %}

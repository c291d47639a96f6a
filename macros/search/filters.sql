{#
  passes_filters(row, filters): whether a row of a space's table passes the caller's filters, a
  JSON array of {column, operator, value}; NULL lets every row pass. Filters are data: no part of
  them ever becomes SQL text.

  column     source, source_text, embedding_id, or a key of the row's metadata
  operator   = != < <= > >= in between, or in words: equals, not_equals, range (between)
  value      a JSON scalar; an array for `in`; [low, high], both inclusive, for `between`

  A number is compared as a number, anything else as text. A row without the column passes nothing.
  An unknown operator is an error.
#}
{% macro passes_filters(row, filters) %}
    {% do return(adapter.dispatch('passes_filters', 'hartonomous')(row, filters)) %}
{% endmacro %}

{# A lambda over the parsed list keeps the row's scan free of joins; a NULL is folded away. #}
{% macro duckdb__passes_filters(row, filters) -%}
    ({{ filters }} is null or len(list_filter(
        from_json({{ filters }}, '[{"column":"VARCHAR","operator":"VARCHAR","value":"JSON"}]'),
        lambda wanted: not coalesce({{ hartonomous.duckdb_filter_matches('wanted', row) }}, false)
    )) = 0)
{%- endmacro %}

{% macro duckdb_filter_matches(wanted, row) -%}
    {%- set actual -%}
        case {{ wanted }}."column"
            when 'source' then {{ row }}.source
            when 'source_text' then {{ row }}.source_text
            when 'embedding_id' then cast({{ row }}.embedding_id as varchar)
            else json_extract_string(
                {{ row }}.metadata,
                '/' || replace(replace({{ wanted }}."column", '~', '~0'), '/', '~1')
            )
        end
    {%- endset -%}
    {%- set value = "json_extract_string(" ~ wanted ~ ".value, '$')" -%}
    case
        when {{ wanted }}.operator in ('=', 'equals')
            then {{ hartonomous.duckdb_compare(actual, '=', wanted ~ '.value') }}
        when {{ wanted }}.operator in ('!=', 'not_equals')
            then not {{ hartonomous.duckdb_compare(actual, '=', wanted ~ '.value') }}
        {%- for operator in ['<', '<=', '>', '>='] %}
        when {{ wanted }}.operator = '{{ operator }}'
            then {{ hartonomous.duckdb_compare(actual, operator, wanted ~ '.value') }}
        {%- endfor %}
        when {{ wanted }}.operator = 'in'
            then list_contains(from_json({{ wanted }}.value, '["VARCHAR"]'), {{ actual }})
        when {{ wanted }}.operator in ('between', 'range')
            then {{ hartonomous.duckdb_compare(actual, '>=', "json_extract(" ~ wanted ~ ".value, '$[0]')") }}
                and {{ hartonomous.duckdb_compare(actual, '<=', "json_extract(" ~ wanted ~ ".value, '$[1]')") }}
        else error('filters: unknown operator ' || coalesce({{ wanted }}.operator, 'null')
            || '; use =, !=, <, <=, >, >=, in or between')
    end
{%- endmacro %}

{% macro duckdb_compare(actual, operator, value) -%}
    (case
        when json_type({{ value }}) in ('BIGINT', 'UBIGINT', 'DOUBLE')
            then try_cast({{ actual }} as double) {{ operator }} cast({{ value }} as double)
        else {{ actual }} {{ operator }} json_extract_string({{ value }}, '$')
    end)
{%- endmacro %}

{% macro default__passes_filters(row, filters) %}
    {% do return(hartonomous.unsupported('filters')) %}
{% endmacro %}

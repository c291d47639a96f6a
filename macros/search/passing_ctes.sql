{#
  passing_ctes(settings, filters): CTE `passing` (embedding_id): the rows that pass all filters, a JSON array
  of {column, operator, value} as in filters.sql, found by the rows of embedding_attributes; NULL lets
  every row pass. Filters of source_text and embedding_id, which are no attributes, read the table.
#}
{% macro duckdb_passing_ctes(settings, filters) -%}
wanted as materialized (
    select
        wanted.place as filter_id,
        wanted.filter."column" as column_name,
        wanted.filter.operator,
        wanted.filter.value
    from (
        select
            unnest(from_json({{ filters }}, '[{"column":"VARCHAR","operator":"VARCHAR","value":"JSON"}]')) as filter,
            generate_subscripts(from_json({{ filters }}, '[{"column":"VARCHAR","operator":"VARCHAR","value":"JSON"}]'), 1) as place
    ) as wanted
),

wanted_value as materialized (
    select
        wanted.filter_id,
        wanted.column_name,
        unnest(case
            when wanted.operator = 'in' then from_json(wanted.value, '["VARCHAR"]')
            else [json_extract_string(wanted.value, '$')]
        end) as value
    from wanted
    where wanted.operator = 'in'
        or (wanted.operator in ('=', 'equals') and json_type(wanted.value) not in ('BIGINT', 'UBIGINT', 'DOUBLE'))
),

met as (
    select
        wanted_value.filter_id,
        attribute.embedding_id
    from {{ ref('embedding_attributes' ~ settings.suffix) }} as attribute
    inner join wanted_value
        on wanted_value.column_name = attribute.column_name and wanted_value.value = attribute.value

    union all

    select
        wanted.filter_id,
        attribute.embedding_id
    from {{ ref('embedding_attributes' ~ settings.suffix) }} as attribute
    inner join wanted
        on wanted.column_name = attribute.column_name
    where wanted.filter_id not in (select wanted_value.filter_id from wanted_value)
        and {{ hartonomous.duckdb_attribute_matches() | indent(8) }}

    union all

    select
        wanted.filter_id,
        embedding.embedding_id
    from {{ ref('embeddings' ~ settings.suffix) }} as embedding
    inner join wanted
        on wanted.column_name in ('source_text', 'embedding_id')
    where {{ hartonomous.duckdb_filter_matches('wanted', 'embedding') | replace('wanted."column"', 'wanted.column_name') | indent(8) }}
),

passing as materialized (
    select met.embedding_id
    from met
    group by met.embedding_id
    having count(distinct met.filter_id) = (select count(*) from wanted)

    union all

    select embedding.embedding_id
    from {{ ref('embeddings' ~ settings.suffix) }} as embedding
    where not exists (select 1 from wanted)
)
{%- endmacro %}

{# A number is compared as a number, anything else as text; an unknown operator is an error. #}
{% macro duckdb_attribute_matches() -%}
case
    when wanted.operator in ('=', 'equals') then {{ hartonomous.duckdb_compare_attribute('=', 'wanted.value') }}
    when wanted.operator in ('!=', 'not_equals') then not {{ hartonomous.duckdb_compare_attribute('=', 'wanted.value') }}
    {%- for operator in ['<', '<=', '>', '>='] %}
    when wanted.operator = '{{ operator }}' then {{ hartonomous.duckdb_compare_attribute(operator, 'wanted.value') }}
    {%- endfor %}
    when wanted.operator = 'in' then false {#- by wanted_value, whichever filter runs first #}
    when wanted.operator in ('between', 'range')
        then {{ hartonomous.duckdb_compare_attribute('>=', "json_extract(wanted.value, '$[0]')") }}
            and {{ hartonomous.duckdb_compare_attribute('<=', "json_extract(wanted.value, '$[1]')") }}
    else error('filters: unknown operator ' || coalesce(wanted.operator, 'null')
        || '; use =, !=, <, <=, >, >=, in or between')
end
{%- endmacro %}

{% macro duckdb_compare_attribute(operator, value) -%}
    (case
        when json_type({{ value }}) in ('BIGINT', 'UBIGINT', 'DOUBLE') then attribute.number {{ operator }} cast({{ value }} as double)
        else attribute.value {{ operator }} json_extract_string({{ value }}, '$')
    end)
{%- endmacro %}

{#
  check_parameters in T-SQL: what a procedure does first. It refuses bad parameters by THROW, with a
  message that names the parameter and what it got, and takes the filters apart (filters_tsql.sql).

  counts: parameters that must be 1 or more; metric: the parameter that names a metric; required:
  parameters that must not be NULL; filters: whether the procedure has the parameter `filters`.
#}
{% macro sqlserver__check_parameters(metric, counts, required, filters) %}
{{- hartonomous.tsql_check_parameters(metric, counts, required, filters) }}
{%- if filters %}
create table #filters (
    filter_id int not null primary key,
    column_name nvarchar(max) null,
    operator nvarchar(400) null,
    value_type int null,
    low_type int null,
    low nvarchar(max) null,
    high_type int null,
    high nvarchar(max) null,
    list nvarchar(max) null
);
insert into #filters (filter_id, column_name, operator, value_type, low_type, low, high_type, high, list)
{{ hartonomous.tsql_filter_rows(hartonomous.param('filters')) }};
{{ hartonomous.tsql_check_filters('#filters') }}
{%- endif %}
{% endmacro %}

{% macro fabric__check_parameters(metric, counts, required, filters) %}
{{- hartonomous.tsql_check_parameters(metric, counts, required, filters) }}
{%- if filters %}
if @filters is not null
    {{ hartonomous.tsql_check_filters('(\n' ~ hartonomous.tsql_filter_rows(hartonomous.param('filters')) ~ ')') | indent(4) }}
{%- endif %}
{% endmacro %}

{% macro tsql_check_parameters(metric, counts, required, filters) -%}
declare @problem {{ hartonomous.sql_type('key') }} = case
    {%- for name in required %}
    when @{{ name }} is null then '{{ name }} must not be NULL'
    {%- endfor %}
    {%- for name in counts %}
    when @{{ name }} is null or @{{ name }} < 1
        then concat('{{ name }} must be 1 or more; it is ', coalesce(cast(@{{ name }} as {{ hartonomous.sql_type('key') }}), 'NULL'))
    {%- endfor %}
    {%- if metric %}
    when @{{ metric }} is null or @{{ metric }} not in ('cosine', 'euclidean', 'dot')
        then concat('unknown {{ metric }} ', @{{ metric }}, '; use cosine, euclidean or dot')
    {%- endif %}
    {%- if filters %}
    when @filters is not null and (isjson(@filters) = 0 or left(ltrim(@filters), 1) <> '[')
        then 'filters must be a JSON array of {column, operator, value}'
    {%- endif %}
end;
if @problem is not null throw 50000, @problem, 1;
{%- endmacro %}

{% macro tsql_check_filters(wanted) -%}
set @problem = (
    select min(case
        when wanted.column_name is null then 'filters: a filter has no column'
        when wanted.operator is null or wanted.operator not in ('=', '!=', '<', '<=', '>', '>=', 'in', 'between')
            then concat('filters: unknown operator ', coalesce(left(wanted.operator, 100), 'null'), '; use =, !=, <, <=, >, >=, in or between')
        when wanted.operator = 'in' and wanted.list is null
            then 'filters: the value of in must be an array'
        when wanted.operator = 'between' and (wanted.low_type not in (1, 2) or wanted.high_type is null or wanted.high_type not in (1, 2))
            then 'filters: the value of between must be an array of two'
        when wanted.operator not in ('in', 'between') and (wanted.value_type is null or wanted.value_type in (4, 5))
            then concat('filters: the value of ', wanted.operator, ' must be a text, a number or a boolean')
    end)
    from {{ wanted | indent(4) }} as wanted
);
if @problem is not null throw 50000, @problem, 1;
{%- endmacro %}

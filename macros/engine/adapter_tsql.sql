{#
  Macros of dbt-sqlserver and dbt-fabric in another form: dbt finds these before the adapters' own.
  The first is needed on a server; the others only say the same so that a checker which has no server
  can read it (python -m hartonomous.rehearsal).
#}

{# dbt-sqlserver compares a view with its contract before it runs the pre-hook that resolves the types. #}
{% macro sqlserver__get_assert_columns_equivalent(sql) -%}
    {% do hartonomous.resolve_contract_types() %}
    {{- return(assert_columns_equivalent(sql)) -}}
{%- endmacro %}

{# dbt-fabric asks for the columns of a query by putting it into a WITH, which nests where it begins
   with one itself. The CREATE TABLE and INSERT of a contract name every column anyway. #}
{% macro fabric__get_assert_columns_equivalent(sql) %}
    {%- set text = modules.re.sub('(?s)/\\*.*?\\*/|--[^\\n]*\\n', '', sql) | trim | lower -%}
    {%- if not text.startswith('with') %}
    {{ assert_columns_equivalent(sql) }}
    {%- endif %}
{% endmacro %}

{# dbo is in every database: dbt-sqlserver would look for it, under a lock, before every test. #}
{% macro create_schema_if_not_exists(schema, authorization=none) %}
    {%- if schema | lower != 'dbo' %}
    {{ dbt.create_schema_if_not_exists(schema, authorization) }}
    {%- endif %}
{% endmacro %}

{# A leftover of a killed run is dropped IF EXISTS: a checker knows the table only from the
   SELECT ... INTO that follows. #}
{% macro sqlserver__create_table_as(temporary, relation, sql) %}
    {{- dbt.sqlserver__create_table_as(temporary, relation, sql)
        | replace('DROP TABLE "', 'DROP TABLE IF EXISTS "') -}}
{% endmacro %}

{# dbt-fabric puts a test's SQL into a WITH, which nests where the test has one of its own. #}
{% macro fabric__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) %}
    {%- set view = '[' ~ target.schema ~ '].[testview_' ~ local_md5(main_sql) ~ ']' %}
    EXEC('DROP VIEW IF EXISTS {{ view }}');
    EXEC('CREATE VIEW {{ view }} AS {{ main_sql | replace("'", "''") }}');
    select
        {{ fail_calc }} as failures,
        case when {{ fail_calc }} {{ warn_if }} then 'true' else 'false' end as should_warn,
        case when {{ fail_calc }} {{ error_if }} then 'true' else 'false' end as should_error
    from (select {{ 'top (' ~ limit ~ ')' if limit != none }} * from {{ view }}) as dbt_internal_test;
    EXEC('DROP VIEW IF EXISTS {{ view }}');
{% endmacro %}

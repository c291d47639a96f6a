{#
  delete_rows(relation, condition): deletes rows of a table; the condition names them `present`.
#}
{% macro delete_rows(relation, condition) %}
    {% do return(adapter.dispatch('delete_rows', 'hartonomous')(relation, condition)) %}
{% endmacro %}

{% macro duckdb__delete_rows(relation, condition) -%}
    delete from {{ relation }} as present
    where {{ condition }}
{%- endmacro %}

{% macro sqlserver__delete_rows(relation, condition) %}{{ hartonomous.tsql_delete_rows(relation, condition) }}{% endmacro %}

{% macro fabric__delete_rows(relation, condition) %}{{ hartonomous.tsql_delete_rows(relation, condition) }}{% endmacro %}

{% macro tsql_delete_rows(relation, condition) -%}
    delete present
    from {{ relation.include(database=false) }} as present
    where {{ condition }};
{%- endmacro %}

{% macro default__delete_rows(relation, condition) %}
    {% do return(hartonomous.unsupported('DELETE')) %}
{% endmacro %}

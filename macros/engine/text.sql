{#
  Small text and hashing primitives that the engines spell differently.

  sha256_hex(expression)          lower-case hex SHA-256 of a text
  text_concat([a, b, ...])        concatenation; a NULL part makes the result NULL
  as_text(expression)             a number as text
  text_literal(value)             a quoted text
  list_of_ints([..])              (1, 2, 3), or a list that matches nothing
#}
{% macro sha256_hex(expression) %}
    {% do return(adapter.dispatch('sha256_hex', 'hartonomous')(expression)) %}
{% endmacro %}

{% macro duckdb__sha256_hex(expression) -%}
    sha256({{ expression }})
{%- endmacro %}

{% macro default__sha256_hex(expression) %}
    {% do return(hartonomous.unsupported('SHA-256')) %}
{% endmacro %}

{% macro sqlserver__sha256_hex(expression) %}{{ hartonomous.tsql_sha256_hex(expression) }}{% endmacro %}

{% macro fabric__sha256_hex(expression) %}{{ hartonomous.tsql_sha256_hex(expression) }}{% endmacro %}

{# The collation makes the cast give UTF-8, so that the hash is that of the other engines. #}
{% macro tsql_sha256_hex(expression) -%}
    lower(convert(varchar(64), hashbytes('SHA2_256', cast({{ expression }} collate Latin1_General_100_BIN2_UTF8 as varchar(max))), 2))
{%- endmacro %}

{% macro text_concat(parts) %}
    {% do return(adapter.dispatch('text_concat', 'hartonomous')(parts)) %}
{% endmacro %}

{% macro duckdb__text_concat(parts) -%}
    ({{ parts | join(' || ') }})
{%- endmacro %}

{% macro default__text_concat(parts) -%}
    ({{ parts | join(' + ') }})
{%- endmacro %}

{% macro as_text(expression) -%}
    cast({{ expression }} as {{ hartonomous.sql_type('key') }})
{%- endmacro %}

{% macro text_literal(value) %}
    {% do return(adapter.dispatch('text_literal', 'hartonomous')(value)) %}
{% endmacro %}

{% macro default__text_literal(value) -%}
    '{{ value | string | replace("'", "''") }}'
{%- endmacro %}

{# Without the N, characters outside the database's code page become question marks. #}
{% macro sqlserver__text_literal(value) -%}
    N'{{ value | string | replace("'", "''") }}'
{%- endmacro %}

{% macro list_of_ints(values) -%}
    ({{ values | map('int') | join(', ') if values else 'null' }})
{%- endmacro %}

{# A boolean as a column value, and as a condition: T-SQL has bit, and no boolean expression. #}
{% macro bool_value(condition) %}
    {% do return(adapter.dispatch('bool_value', 'hartonomous')(condition)) %}
{% endmacro %}

{% macro duckdb__bool_value(condition) -%}
    coalesce(({{ condition }}), false)
{%- endmacro %}

{% macro default__bool_value(condition) -%}
    cast(case when {{ condition }} then 1 else 0 end as {{ hartonomous.sql_type('bool') }})
{%- endmacro %}

{% macro is_true(column) %}
    {% do return(adapter.dispatch('is_true', 'hartonomous')(column)) %}
{% endmacro %}

{% macro duckdb__is_true(column) -%}
    {{ column }}
{%- endmacro %}

{% macro default__is_true(column) -%}
    {{ column }} = 1
{%- endmacro %}

{#
  Vectors on SQL Server. VECTOR has distances and no arithmetic, so a layer's numbers are rows (row_id,
  dimension, value REAL) of #temp tables, and what a matrix reads is gathered into chunks as wide as
  those of the landed weights (weight_chunk_width), the last one padded with zeros.

  sqlserver_gathered(value, index, width)   aggregate: numbers in the order of `index` as VECTOR(width)
  sqlserver_opened(vector, chunk_index)     the way back: (SELECT dimension, value)
  sqlserver_create_numbers(table)           #table (row_id, dimension, value)
  sqlserver_create_chunks(table)            #table (row_id, chunk_index, vector)
  sqlserver_fill_numbers(table, numbers)    the table holds what SELECT `numbers` gives
  sqlserver_fill_chunks(table, numbers)     the table holds the relation `numbers`, gathered

  Style 3 writes every number so that it is read back as it was. A VECTOR is written with 8
  significant digits: the weights that are opened lose 5e-8 of their size, half of what float32 does.
  https://learn.microsoft.com/sql/t-sql/functions/cast-and-convert-transact-sql#float-and-real-styles
#}
{% macro sqlserver_gathered(value, index, width) -%}
cast(
    '[' + string_agg(convert(nvarchar(max), cast({{ value }} as real), 3), ',') within group (order by {{ index }})
    + replicate(',0', {{ width }} - count(*)) + ']'
    as vector({{ width }})
)
{%- endmacro %}

{% macro sqlserver_opened(vector, chunk_index) -%}
(
    select
        {{ chunk_index }} * {{ hartonomous.weight_chunk_width() }} + cast(entry.[key] as int) as dimension,
        cast(entry.value as real) as value
    from openjson(cast({{ vector }} as nvarchar(max))) as entry
)
{%- endmacro %}

{% macro sqlserver_create_numbers(table) -%}
create table {{ table }} (
    row_id int not null,
    dimension int not null,
    value real not null,
    primary key (row_id, dimension)
);
{%- endmacro %}

{% macro sqlserver_create_chunks(table) -%}
create table {{ table }} (
    row_id int not null,
    chunk_index int not null,
    vector vector({{ hartonomous.weight_chunk_width() }}) not null,
    primary key (row_id, chunk_index)
);
{%- endmacro %}

{% macro sqlserver_fill_numbers(table, numbers) -%}
truncate table {{ table }};
insert into {{ table }} (row_id, dimension, value)
{{ numbers }};
{%- endmacro %}

{% macro sqlserver_fill_chunks(table, numbers) -%}
{%- set width = hartonomous.weight_chunk_width() -%}
truncate table {{ table }};
insert into {{ table }} (row_id, chunk_index, vector)
select
    number.row_id,
    number.dimension / {{ width }} as chunk_index,
    {{ hartonomous.sqlserver_gathered('number.value', 'number.dimension', width) | indent(4) }} as vector
from {{ numbers }} as number
group by number.row_id, number.dimension / {{ width }};
{%- endmacro %}

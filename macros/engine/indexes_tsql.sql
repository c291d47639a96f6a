{#
  Indexes on SQL Server. Each statement does nothing where the index is there already, so that it can
  follow every run. What needs a feature or an object that an earlier statement makes stands in EXEC:
  a batch is compiled as a whole.
#}

{#
  DiskANN. In the form of SQL Server 2025 (var vector_search_form: top_n) it makes the table
  read-only and is a preview feature; the newer form needs 100 rows (Msg 42266), and below that
  VECTOR_SEARCH compares all of them anyway. METRIC takes the names that this project has.
  https://learn.microsoft.com/sql/t-sql/statements/create-vector-index-transact-sql
#}
{% macro sqlserver__create_vector_index(relation, column, metric) %}
    {%- set name = hartonomous.index_name(relation, column, 'diskann') -%}
    {%- set statement -%}
create vector index [{{ name }}] on {{ relation.include(database=false) }} ([{{ column }}])
with (metric = '{{ metric }}', type = 'DiskANN')
    {%- endset -%}
    {% do return(hartonomous.enable_preview() ~ hartonomous.tsql_once(
        relation, name, statement,
        '(select count(*) from ' ~ relation.include(database=false) ~ ') >= ' ~ hartonomous.vector_index_minimum_rows()
    )) %}
{% endmacro %}

{% macro vector_index_minimum_rows() %}
    {% do return(100) %}
{% endmacro %}

{# A grid over the bounding box, four levels deep, as dense as the project's own grid is: LOW is 4 x 4
   cells of each cell, MEDIUM 8 x 8, HIGH 16 x 16. A point lies in one cell of each level.
   https://learn.microsoft.com/sql/t-sql/statements/create-spatial-index-transact-sql #}
{% macro sqlserver__create_spatial_index(relation, column, bounding_box) %}
    {%- set name = hartonomous.index_name(relation, column, 'spatial') -%}
    {%- set density = 'LOW' if var('grid_side') <= 4 else 'MEDIUM' if var('grid_side') <= 8 else 'HIGH' -%}
    {%- set statement -%}
create spatial index [{{ name }}] on {{ relation.include(database=false) }} ([{{ column }}])
using geometry_grid
with (
    bounding_box = ({{ bounding_box[0] }}, {{ bounding_box[1] }}, {{ bounding_box[3] }}, {{ bounding_box[4] }}),
    grids = (level_1 = {{ density }}, level_2 = {{ density }}, level_3 = {{ density }}, level_4 = {{ density }}),
    cells_per_object = 16
)
    {%- endset -%}
    {% do return(hartonomous.tsql_once(relation, name, statement)) %}
{% endmacro %}

{# Only the older form makes its table read-only. #}
{% macro sqlserver__drop_vector_index(relation, column) %}
    {% if var('vector_search_form') == 'top_n' %}
        {% do return(
            'drop index if exists [' ~ hartonomous.index_name(relation, column, 'diskann') ~ '] on '
            ~ relation.include(database=false) ~ ';'
        ) %}
    {% endif %}
    {% do return('') %}
{% endmacro %}

{# A statement that makes an index, run where the index is not there and the condition holds. #}
{% macro tsql_once(relation, name, statement, condition=none) -%}
if not exists (
    select 1
    from sys.indexes
    where object_id = object_id('{{ relation.include(database=false) }}') and name = '{{ name }}'
)
    {%- if condition %} and {{ condition }}{% endif %}
    exec('{{ statement | replace("'", "''") }}');
{%- endmacro %}

{# What this configuration needs of SQL Server 2025's preview features: the vector index of the older
   form, float16 vectors. The newer servers have both without a switch, and the var
   vector_search_form is what tells them apart. #}
{% macro sqlserver__enable_preview() -%}
    {%- if var('vector_search_form') == 'top_n' and (var('vector_index') or var('vector_storage') == 'float16') -%}
if not exists (
    select 1
    from sys.database_scoped_configurations
    where name = 'PREVIEW_FEATURES' and value = 1
)
    exec('alter database scoped configuration set preview_features = on');
{% endif -%}
{%- endmacro %}

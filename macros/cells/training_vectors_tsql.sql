{#
  training_vectors(space): what a training landed, as typed vectors: the centers of groups of cells,
  the cells' centroids, the rows of a rotation. SQL Server may compute an expression of a join once
  for every pair of rows, so that vectors landed as JSON text would be parsed as often as they are
  compared. DuckDB computes it once a row, Fabric Warehouse has no vectors: there is no such model.
#}
{% macro training_vectors(space=none) %}
    {{ config(
        enabled=hartonomous.has_training_vectors(),
        materialized='table',
        tags=['space'],
        indexes=hartonomous.table_indexes(['kind', 'cell_group', 'number'], unique=false)
            + [{'columns': ['kind', 'number'], 'type': 'nonclustered', 'unique': false}],
    ) }}
    {%- set settings = hartonomous.space_settings(space) -%}
    {%- set training_id = hartonomous.text_literal(hartonomous.space_training(space).training_id) -%}
{%- set kinds = [
    {'kind': 'group', 'table': 'cell_groups', 'number': 'cell_group', 'cell_group': 'landed.cell_group'},
    {'kind': 'cell', 'table': 'cells', 'number': 'cell', 'cell_group': 'landed.cell_group'},
    {'kind': 'rotation', 'table': 'code_rotations', 'number': 'dimension', 'cell_group': 'cast(null as ' ~ hartonomous.sql_type('int') ~ ')'},
] -%}
{%- for part in kinds %}
select
    cast('{{ part.kind }}' as {{ hartonomous.sql_type('key') }}) as kind,
    landed.{{ part.number }} as number,
    {{ part.cell_group }} as cell_group,
    {{ hartonomous.to_vector('landed.vector', settings.dimension) if hartonomous.supports('vector') }} as embedding
from {{ source('raw', part.table) }} as landed
where landed.training_id = {{ training_id }}
{{ 'union all' if not loop.last }}
{%- endfor %}
{% endmacro %}

{% macro has_training_vectors() %}
    {% do return(adapter.dispatch('has_training_vectors', 'hartonomous')()) %}
{% endmacro %}

{% macro sqlserver__has_training_vectors() %}
    {% do return(true) %}
{% endmacro %}

{% macro default__has_training_vectors() %}
    {% do return(false) %}
{% endmacro %}

{# The typed vectors of one kind, as a relation (number, cell_group, embedding). #}
{% macro sqlserver_trained(kind, settings) -%}
(
    select
        trained.number,
        trained.cell_group,
        trained.embedding
    from {{ ref('training_vectors' ~ settings.suffix) }} as trained
    where trained.kind = '{{ kind }}'
)
{%- endmacro %}

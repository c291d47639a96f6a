{#
  cell_drift(space): whether the cells still fit the rows. Compares a sample of the rows that the cells
  were trained on with one of the rows that were landed since: how much farther the new ones lie from
  their cells, how much fuller the fullest cell has become, by how much the space has grown.
  should_retrain says that one of them passed its bound (vars drift_distance and drift_growth); then
  `hartonomous train-cells` and a build make new cells while the old ones serve.
#}
{% macro cell_drift(space=none) %}
    {{ hartonomous.only_where('vector') }}
    {{ config(materialized='table', tags=['space', 'report']) }}
    {%- set settings = hartonomous.space_settings(space) -%}
    {%- set training = hartonomous.space_training(space) -%}
    {%- set suffix = settings.suffix -%}
with sampled as (
    select
        coded.embedding_id,
        coded.cell,
        case when coded.embedding_id <= {{ training.trained_to }} then 1 else 0 end as is_trained
    from {{ ref('cell_codes' ~ suffix) }} as coded
    where {{ hartonomous.is_true('coded.is_home') }}
        and {{ hartonomous.drawn('coded.embedding_id') }} < 4294967296.0 * {{ var('drift_sample') }} / {{ [training.space_rows | int, 1] | max }}
),

measured as (
    select
        sampled.is_trained,
        cast({{ hartonomous.probe_distance(settings, 'cell.embedding', 'embedding.embedding') }} as {{ hartonomous.sql_type('double') }}) as distance
    from sampled
    inner join {{ ref('cells' ~ suffix) }} as cell
        on cell.cell = sampled.cell
    inner join {{ ref('embeddings' ~ suffix) }} as embedding
        on embedding.embedding_id = sampled.embedding_id
),

averaged as (
    select
        avg(case when measured.is_trained = 1 then measured.distance end) as trained_distance,
        avg(case when measured.is_trained = 0 then measured.distance end) as added_distance
    from measured
),

filled as (
    select
        cast(max(cell.home_row_count) as {{ hartonomous.sql_type('double') }}) as fullest,
        avg(cast(cell.home_row_count as {{ hartonomous.sql_type('double') }})) as mean_rows,
        sum(cell.home_row_count) as space_rows
    from {{ ref('cells' ~ suffix) }} as cell
)

select
    filled.space_rows,
    cast({{ training.space_rows }} as {{ hartonomous.sql_type('bigint') }}) as trained_rows,
    1.0 * filled.space_rows / nullif({{ training.space_rows }}, 0) as growth,
    averaged.trained_distance,
    averaged.added_distance,
    averaged.added_distance / nullif(averaged.trained_distance, 0) as distance_ratio,
    filled.fullest / nullif(filled.mean_rows, 0) as fullest_ratio,
    {{ hartonomous.bool_value(
        'averaged.added_distance > ' ~ var('drift_distance') ~ ' * averaged.trained_distance or filled.space_rows > '
        ~ var('drift_growth') ~ ' * ' ~ training.space_rows
    ) }} as should_retrain
from filled
cross join averaged
where filled.space_rows is not null
{% endmacro %}

{#
  cells(space): the cells that searches probe, with their centroids. Built after cell_codes: the
  moment it changes to a new training's cells, the codes of all rows stand in them. Then the rows of
  the older training go.
#}
{% macro cells(space=none) %}
    {%- set settings = hartonomous.space_settings(space) -%}
    {%- set training = hartonomous.space_training(space) -%}
    {{ config(
        materialized='table',
        tags=['space'],
        pre_hook=hartonomous.storage_hook('before'),
        post_hook=[
            "{{ hartonomous.delete_rows(ref('cell_codes" ~ settings.suffix ~ "'), hartonomous.outdated_code(" ~ hartonomous.quoted_or_none(space) ~ ")) }}",
        ] + hartonomous.storage_hook('after'),
    ) }}
select
    cell.cell,
    cell.cell_group,
    {%- if hartonomous.supports('vector') %}
    {{ hartonomous.to_vector('cell.vector', settings.dimension) }} as embedding,
    {%- endif %}
    coalesce(counted.row_count, 0) as row_count,
    coalesce(counted.home_row_count, 0) as home_row_count
from {{ source('raw', 'cells') }} as cell
left join (
    select
        coded.cell,
        count(*) as row_count,
        sum(case when {{ hartonomous.is_true('coded.is_home') }} then 1 else 0 end) as home_row_count
    from {{ ref('cell_codes' ~ settings.suffix) }} as coded
    group by coded.cell
) as counted
    on counted.cell = cell.cell
where cell.training_id = {{ hartonomous.text_literal(training.training_id) }}
{% endmacro %}

{% macro outdated_code(space=none) %}
    {%- set training = hartonomous.space_training(space) -%}
    {% do return('present.cell not between ' ~ training.first_cell ~ ' and ' ~ training.last_cell) %}
{% endmacro %}

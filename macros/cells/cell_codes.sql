{#
  cell_codes(space): the body and configuration of a space's table of codes: one row an embedding
  and cell that it stands in. Every embedding stands in its nearest cell (`is_home`); one near the
  border of other cells stands in those as well, so that a search that probes any of them meets it.

  Incremental: only embeddings without a row in the cells of the newest training are assigned, so
  new texts cost little, and after a retraining the rows of the old training stay and serve until
  the model `cells`, built after this one, names the new cells.
#}
{% macro cell_codes(space=none) %}
    {%- set settings = hartonomous.space_settings(space) -%}
    {%- set training = hartonomous.space_training(space) -%}
    {%- set embeddings = ref('embeddings' ~ settings.suffix) -%}
    {{ config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        tags=['space'],
        indexes=hartonomous.table_indexes(['cell', 'embedding_id'], unique=false),
        pre_hook={'sql': "{{ hartonomous.before_coding(" ~ hartonomous.quoted_or_none(space) ~ ") }}", 'transaction': false},
        post_hook=[
            "{{ hartonomous.after_coding() }}",
            "{{ hartonomous.delete_removed_codes(this, " ~ hartonomous.quoted_or_none(space) ~ ") }}",
        ],
    ) }}
    {{- adapter.dispatch('cell_code_rows', 'hartonomous')(settings, training, embeddings) }}
{% endmacro %}

{# Embeddings that are to be coded: all, or those that the newest training's cells do not hold yet. #}
{% macro uncoded(training, embedding) -%}
    {%- if is_incremental() -%}
    not exists (
        select 1
        from {{ this.include(database=false) }} as present
        where present.embedding_id = {{ embedding }}.embedding_id
            and present.cell between {{ training.first_cell }} and {{ training.last_cell }}
    )
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}

{# Rows of embeddings that left. Rows of an older training go when `cells` has changed. #}
{% macro delete_removed_codes(relation, space=none) %}
    {% if execute and is_incremental() %}
        {% do return(hartonomous.delete_rows(relation, 'not exists (
        select 1
        from ' ~ ref('embeddings' ~ hartonomous.space_suffix(space)) ~ ' as embedding
        where embedding.embedding_id = present.embedding_id
    )')) %}
    {% endif %}
{% endmacro %}

{% macro duckdb__cell_code_rows(settings, training, embeddings) -%}
with {{ hartonomous.cell_assignment_ctes(settings, training, embeddings) }},

{{ hartonomous.code_ctes('codes', hartonomous.duckdb_uncoded_rows(embeddings), ['embedding_id'], training, settings) }}

{{ hartonomous.assigned_codes(settings, training, 'codes.norm') }}
order by assigned.cell, assigned.embedding_id
{%- endmacro %}

{# `assigned` with the words of `codes`; `norm` is read from the CTE or table that the joins bring. #}
{% macro assigned_codes(settings, training, norm, joins='') -%}
select
    assigned.cell,
    assigned.embedding_id,
    assigned.is_home,
    {%- if settings.metric != 'cosine' %}
    {{ norm }} as norm,
    {%- endif %}
    {%- for column in training.columns %}
    codes.{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from assigned
inner join codes
    on codes.embedding_id = assigned.embedding_id
{%- if settings.metric != 'cosine' and joins %}
{{ joins }}
{%- endif %}
{%- endmacro %}

{% macro default__cell_code_rows(settings, training, embeddings) %}
    {% do return(hartonomous.unsupported('codes')) %}
{% endmacro %}

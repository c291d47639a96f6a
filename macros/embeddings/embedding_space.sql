{#
  embedding_space(space): the body and configuration of an embedding space's table. A space is a
  dbt model of one line that calls this; `hartonomous build` writes the line for every landed
  space but the default one, which is committed as models/embeddings/embeddings.sql.

  One row a landed text: the full vector, its 3-D position as point and as coordinates, and its
  grid cell at four nested levels. Incremental: rows are matched by (embedding_id, text_id,
  reducer_id), so new texts, and texts that another reducer placed, are the only ones written.
#}
{% macro embedding_space(space=none) %}
    {%- set settings = hartonomous.space_settings(space) -%}
    {{ config(
        materialized='incremental',
        unique_key='embedding_id',
        incremental_strategy='delete+insert',
        on_schema_change='fail',
        tags=['space'],
        pre_hook=[
            "{{ hartonomous.resolve_contract_types(hartonomous.space_settings(" ~ hartonomous.quoted_or_none(space) ~ ")['dimension'], key='embedding_id') }}",
            {"sql": "{{ hartonomous.before_embeddings(this, " ~ hartonomous.quoted_or_none(space) ~ ") }}", "transaction": false},
        ] + hartonomous.storage_hook('before'),
        post_hook=hartonomous.storage_hook('after') + [
            {"sql": "{{ hartonomous.delete_removed_embeddings(this, " ~ hartonomous.quoted_or_none(space) ~ ") }}", "transaction": true},
            {"sql": "{{ hartonomous.embedding_primary_key(this) }}", "transaction": false},
            {"sql": "{{ hartonomous.embedding_spatial_index(this, " ~ hartonomous.quoted_or_none(space) ~ ") }}", "transaction": false},
            {"sql": "{{ hartonomous.embedding_vector_index(this, " ~ hartonomous.quoted_or_none(space) ~ ") }}", "transaction": false},
        ],
    ) }}
    {{ hartonomous.embedding_rows(settings) }}
{% endmacro %}

{% macro quoted_or_none(value) %}
    {%- do return("'" ~ value ~ "'" if value else 'none') -%}
{% endmacro %}

{# Without a vector type the vectors are rows of embedding_values, and the coordinates are enough. #}
{% macro embedding_rows(settings) %}
select
    embedding.embedding_id,
    embedding.text_id,
    landed_text.text as source_text,
    landed_text.source,
    landed_text.metadata,
    {%- if hartonomous.supports('vector') %}
    {{ hartonomous.to_vector('embedding.vector', settings.dimension) }} as embedding,
    {%- endif %}
    {%- if hartonomous.supports('geometry') %}
    {{ hartonomous.point('place.x', 'place.y', 'place.z') }} as position,
    {%- endif %}
    place.x,
    place.y,
    place.z,
    {% for level in [1, 2, 3, 4] -%}
    {{ hartonomous.grid_cell(level, 'place', 'box') }} as grid_cell_{{ level }},
    {% endfor -%}
    place.reducer_id
from {{ source('raw', 'text_embeddings') }} as embedding
inner join {{ source('raw', 'texts') }} as landed_text
    on landed_text.text_id = embedding.text_id
inner join {{ source('raw', 'positions') }} as place
    on place.space_id = embedding.space_id and place.embedding_id = embedding.embedding_id
inner join {{ ref('bounding_boxes') }} as box
    on box.reducer_id = place.reducer_id
where embedding.space_id = '{{ settings.space_id }}'
{%- if is_incremental() %}
    {#- which rows they are is known from three narrow columns, before any vector is read #}
    and embedding.embedding_id in (
        select landed.embedding_id
        from {{ source('raw', 'text_embeddings') }} as landed
        inner join {{ source('raw', 'positions') }} as placed
            on placed.space_id = landed.space_id and placed.embedding_id = landed.embedding_id
        where landed.space_id = '{{ settings.space_id }}'
            and not exists (
                select 1
                from {{ this.include(database=false) }} as present
                where present.embedding_id = landed.embedding_id
                    and present.text_id = landed.text_id
                    and present.reducer_id = placed.reducer_id
            )
    )
{%- endif %}
{% endmacro %}

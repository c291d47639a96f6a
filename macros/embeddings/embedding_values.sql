{#
  embedding_values(space): the vectors of a space as rows of (embedding_id, dim, value), dim from 0,
  on an engine without a vector type; the model exists on no other.
#}
{% macro embedding_values(space=none) %}
    {{ config(enabled=not hartonomous.supports('vector'), materialized='view', tags=['space']) }}
    {%- set settings = hartonomous.space_settings(space) -%}
select
    landed.embedding_id,
    landed.dim,
    landed.value
from {{ hartonomous.landed_values('text_embeddings') }} as landed
where landed.space_id = {{ hartonomous.text_literal(settings.space_id) }}
{% endmacro %}

{# Where the numbers of a landing table's vectors stand (python_ingest/hartonomous/landing/fabric_ddl.py). #}
{% macro landed_values(table) %}
    {%- set relation = source('raw', table) -%}
    {% do return(relation.incorporate(path={'identifier': relation.identifier ~ '_values'})) %}
{% endmacro %}

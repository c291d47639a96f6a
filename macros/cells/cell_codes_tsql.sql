{#
  cell_code_rows in T-SQL. SQL Server reads the numbers of a vector from the landed JSON text, which
  has every digit; of a VECTOR, text has eight. The table needs no order: its clustered index on
  (cell, embedding_id) is what searches read it by, and a second one would take as much again.
#}
{% macro sqlserver__cell_code_rows(settings, training, embeddings) -%}
with {{ hartonomous.cell_assignment_ctes(settings, training, embeddings) }},

uncoded_vectors as (
    select
        embedding.embedding_id,
        landed.vector,
        embedding.embedding
    from {{ embeddings }} as embedding
    inner join {{ source('raw', 'text_embeddings') }} as landed
        on landed.embedding_id = embedding.embedding_id
    where landed.space_id = {{ hartonomous.text_literal(settings.space_id) }}
        and {{ hartonomous.uncoded(training, 'embedding') | indent(8) }}
),

{{ hartonomous.code_ctes('codes', 'uncoded_vectors', ['embedding_id'], training, settings) }}

select
    assigned.cell,
    assigned.embedding_id,
    assigned.is_home,
    {%- if settings.metric != 'cosine' %}
    {{ hartonomous.vector_norm('embedding.embedding') }} as norm,
    {%- endif %}
    {%- for column in training.columns %}
    codes.{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from assigned
inner join codes
    on codes.embedding_id = assigned.embedding_id
{%- if settings.metric != 'cosine' %}
inner join {{ embeddings }} as embedding
    on embedding.embedding_id = assigned.embedding_id
{%- endif %}
{%- endmacro %}

{% macro fabric__cell_code_rows(settings, training, embeddings) -%}
with {{ hartonomous.cell_assignment_ctes(settings, training, embeddings) }},

uncoded_values as (
    select
        stored.embedding_id,
        stored.dim as dimension,
        stored.value as number
    from {{ ref('embedding_values' ~ settings.suffix) }} as stored
    inner join uncoded
        on uncoded.embedding_id = stored.embedding_id
),

{{ hartonomous.code_ctes('codes', 'uncoded_values', ['embedding_id'], training, settings) }}

select
    assigned.cell,
    assigned.embedding_id,
    assigned.is_home,
    {%- if settings.metric != 'cosine' %}
    uncoded.norm,
    {%- endif %}
    {%- for column in training.columns %}
    codes.{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from assigned
inner join codes
    on codes.embedding_id = assigned.embedding_id
{%- if settings.metric != 'cosine' %}
inner join uncoded
    on uncoded.embedding_id = assigned.embedding_id
{%- endif %}
{%- endmacro %}

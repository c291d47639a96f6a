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

{{ hartonomous.assigned_codes(
    settings, training, hartonomous.vector_norm('embedding.embedding'),
    'inner join ' ~ embeddings ~ ' as embedding\n    on embedding.embedding_id = assigned.embedding_id',
) }}
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

{{ hartonomous.assigned_codes(
    settings, training, 'uncoded.norm', 'inner join uncoded\n    on uncoded.embedding_id = assigned.embedding_id',
) }}
{%- endmacro %}

{{ hartonomous.only_where('vector') }}
{{ config(alias='Embeddings_Production') }}
{#- The founding document's name for the default space's table. -#}
select
    embedding_id,
    source_text,
    source as source_type,
    embedding as embedding_full,
    position as spatial,
    x as spatial_x,
    y as spatial_y,
    z as spatial_z
from {{ ref('embeddings') }}

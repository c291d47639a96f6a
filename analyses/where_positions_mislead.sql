{#- Grid cells of level 1 with the spread of meaning inside: a cell of near positions whose vectors
   are far apart is where a 3-D map misleads. -#}
select
    near.grid_cell_1,
    count(*) as pairs,
    avg({{ hartonomous.vector_distance('cosine', 'near.embedding', 'other.embedding') }}) as mean_distance
from {{ ref('embeddings') }} as near
inner join {{ ref('embeddings') }} as other
    on other.grid_cell_1 = near.grid_cell_1 and other.embedding_id > near.embedding_id
group by near.grid_cell_1
having count(*) >= 10
order by mean_distance desc

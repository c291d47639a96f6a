{#- The texts nearest to one that is landed already: exact search from a row's own vector. -#}
select found.embedding_id, found.source_text, found.distance
from {{ ref('exact_vector_search') }}(
    (select embedding from {{ ref('embeddings') }} where embedding_id = 1), 10
) as found

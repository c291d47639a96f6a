{# Fails on embeddings that have no nearest cell, or several, where the space has cells. #}
{% test every_embedding_has_one_home(model) %}
select embedding.embedding_id
from {{ ref('embeddings') }} as embedding
left join {{ model }} as coded
    on coded.embedding_id = embedding.embedding_id and {{ hartonomous.is_true('coded.is_home') }}
where exists (select 1 from {{ model }})
group by embedding.embedding_id
having count(coded.embedding_id) <> 1
{% endtest %}

{#
  On the cells of the default space: fails on embeddings that have no nearest cell among them, or
  several. Between a retraining and the change of `cells` rows have a home in both trainings.
#}
{% test every_embedding_has_one_home(model) %}
select embedding.embedding_id
from {{ ref('embeddings') }} as embedding
left join {{ ref('cell_codes') }} as coded
    on coded.embedding_id = embedding.embedding_id and {{ hartonomous.is_true('coded.is_home') }}
where exists (select 1 from {{ model }})
group by embedding.embedding_id
having count(coded.embedding_id) <> 1
{% endtest %}

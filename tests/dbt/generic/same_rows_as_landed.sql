{# No orphans, both ways: fails on landed embeddings that the table lacks, and on rows not landed. #}
{% test same_rows_as_landed(model) %}
{%- set settings = hartonomous.space_settings() %}
select coalesce(landed.embedding_id, present.embedding_id) as embedding_id
from (
    select embedding_id, text_id
    from {{ source('raw', 'text_embeddings') }}
    where space_id = '{{ settings.space_id }}'
) as landed
full outer join {{ model }} as present
    on present.embedding_id = landed.embedding_id and present.text_id = landed.text_id
where landed.embedding_id is null or present.embedding_id is null
{% endtest %}

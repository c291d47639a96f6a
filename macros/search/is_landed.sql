{#
  is_landed(settings, row): whether an embedding was not removed since it was built. Removing leaves
  a note in raw.removed_embeddings until the next build, so that searches leave it out at once.
#}
{% macro is_landed(settings, row) -%}
{{ row }}.embedding_id not in (
    select removed.embedding_id
    from {{ source('raw', 'removed_embeddings') }} as removed
    where removed.space_id = {{ hartonomous.text_literal(settings.space_id) }}
)
{%- endmacro %}

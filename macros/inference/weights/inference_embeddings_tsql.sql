{#
  The weight tables of inference_embeddings.sql on SQL Server:

  inference_token_embeddings     (token_id, chunk_index, vector): the landed chunks; a statement opens
                                 those of the tokens that it has
  inference_position_embeddings  (position, dimension, value): opened here once, because two vectors
                                 cannot be added; BERT's token type 0 is added in
#}
{% macro sqlserver__inference_token_embeddings(settings) -%}
{{ config(indexes=hartonomous.table_indexes(['token_id', 'chunk_index'])) }}
select
    weight.row_index as token_id,
    weight.chunk_index,
    weight.vector
from {{ hartonomous.role_rows(settings, ['embedding_token']) | indent(4) }} as weight
{%- endmacro %}

{% macro sqlserver__inference_position_embeddings(settings) -%}
{{ config(indexes=hartonomous.table_indexes(['position', 'dimension'])) }}
select
    weight.row_index - {{ settings.position_offset }} as position,
    weight.dimension,
    {%- if settings.has_token_types %}
    cast(weight.value + token_type.value as real) as value
    {%- else %}
    weight.value
    {%- endif %}
from {{ hartonomous.sqlserver_role_numbers(settings, ['embedding_position'], settings.hidden_size) | indent(4) }} as weight
{%- if settings.has_token_types %}
inner join {{ hartonomous.sqlserver_role_numbers(settings, ['embedding_type'], settings.hidden_size) | indent(4) }} as token_type
    on token_type.row_index = 0 and token_type.dimension = weight.dimension
{%- endif %}
where weight.row_index >= {{ settings.position_offset }}
{%- endmacro %}

{# The landed rows of a model's tensors in these roles, opened: (layer, role, row_index, dimension,
   value). Zeros behind the width are padding. #}
{% macro sqlserver_role_numbers(settings, roles, width) -%}
(
    select
        stored.layer,
        stored.role,
        stored.row_index,
        opened.dimension,
        opened.value
    from {{ hartonomous.role_rows(settings, roles) | indent(4) }} as stored
    cross apply {{ hartonomous.sqlserver_opened('stored.vector', 'stored.chunk_index') | indent(4) }} as opened
    where opened.dimension < {{ width }}
)
{%- endmacro %}

{#
  inference_token_embeddings(model, suffix): (token_id, embedding), one row a token.
  inference_position_embeddings(model, suffix): (position, embedding) from position 0; BERT's token
  type 0 is added in; empty where positions are rotary.
#}
{% macro inference_token_embeddings(model=none, suffix='') %}
    {{ hartonomous.inference_table() }}
    {{ adapter.dispatch('inference_token_embeddings', 'hartonomous')(hartonomous.run_settings(model, suffix)) }}
{% endmacro %}

{% macro duckdb__inference_token_embeddings(settings) -%}
select
    weight.row_index as token_id,
    cast(weight.vector as float[{{ settings.hidden_size }}]) as embedding
from {{ hartonomous.role_rows(settings, ['embedding_token']) | indent(4) }} as weight
order by token_id
{%- endmacro %}

{% macro inference_position_embeddings(model=none, suffix='') %}
    {{ hartonomous.inference_table() }}
    {{ adapter.dispatch('inference_position_embeddings', 'hartonomous')(hartonomous.run_settings(model, suffix)) }}
{% endmacro %}

{% macro duckdb__inference_position_embeddings(settings) -%}
select
    weight.row_index - {{ settings.position_offset }} as position,
    {%- if settings.has_token_types %}
    cast(
        list_transform(list_zip(weight.vector, token_type.vector), lambda pair: pair[1] + pair[2])
        as float[{{ settings.hidden_size }}]
    ) as embedding
    {%- else %}
    cast(weight.vector as float[{{ settings.hidden_size }}]) as embedding
    {%- endif %}
from {{ hartonomous.role_rows(settings, ['embedding_position']) | indent(4) }} as weight
{%- if settings.has_token_types %}
inner join {{ hartonomous.role_rows(settings, ['embedding_type']) | indent(4) }} as token_type
    on token_type.row_index = 0
{%- endif %}
where weight.row_index >= {{ settings.position_offset }}
order by position
{%- endmacro %}

{% macro default__inference_token_embeddings(settings) %}
    {% do return(hartonomous.unsupported('inference')) %}
{% endmacro %}

{% macro default__inference_position_embeddings(settings) %}
    {% do return(hartonomous.unsupported('inference')) %}
{% endmacro %}

{# The landed rows of a model's tensors in these roles: (layer, role, row_index, vector). A model that
   cannot be run has none, and neither tables. #}
{% macro role_rows(settings, roles) -%}
(
    select
        tensor.layer,
        tensor.role,
        stored.row_index,
        stored.chunk_index,
        stored.vector
    from {{ ref('stg_tensors') }} as tensor
    inner join {{ ref('stg_weight_rows') }} as stored
        on stored.tensor_id = tensor.tensor_id
    where tensor.model_id = {{ hartonomous.text_literal(settings.model_id) }}
        and tensor.role in ({% for role in roles %}{{ hartonomous.text_literal(role) }}{{ ', ' if not loop.last }}{% endfor %})
        {%- if settings.refusal %}
        and 1 = 0
        {%- endif %}
)
{%- endmacro %}

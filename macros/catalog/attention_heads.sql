{#
  Attention heads as vectors: the rows of a head's query, key or value weights, one after another
  (head_size x hidden_size numbers). Where vectors are typed that is more than one column holds, and
  a head stands in chunks: there, chunk_index counts the rows of the head.
#}
{% macro attention_heads() %}
    {{ adapter.dispatch('attention_heads', 'hartonomous')() }}
{% endmacro %}

{% macro duckdb__attention_heads() %}
select
    weight_row.model_id,
    weight_row.model_name,
    weight_row.layer,
    weight_row.head,
    weight_row.weight_type,
    0 as chunk_index,
    count(*) as row_count,
    sqrt(sum(weight_row.l2_norm * weight_row.l2_norm)) as l2_norm,
    avg(weight_row.importance) as importance,
    flatten(list(weight_row.vector order by weight_row.row_index)) as vector
from {{ ref('weight_rows') }} as weight_row
where weight_row.weight_type in ('Q', 'K', 'V')
    and weight_row.head is not null
group by
    weight_row.model_id,
    weight_row.model_name,
    weight_row.layer,
    weight_row.head,
    weight_row.weight_type
{% endmacro %}

{% macro default__attention_heads() %}
    {% do return(hartonomous.unsupported('attention_heads')) %}
{% endmacro %}

{#
  Attention heads as vectors: the rows of a head's query, key or value weights, one after another
  (head_size x hidden_size numbers). Where vectors are typed that is more than one column holds, and
  a head stands in chunks: there, chunk_index counts the chunks of the head's rows, one after another.
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

{% macro sqlserver__attention_heads() %}
    {%- set head = 'over (partition by weight_row.model_id, weight_row.model_name, weight_row.layer, weight_row.weight_type, weight_row.head)' -%}
select
    weight_row.model_id,
    weight_row.model_name,
    weight_row.layer,
    weight_row.head,
    weight_row.weight_type,
    cast(row_number() {{ head | replace(')', ' order by weight_row.row_index, weight_row.chunk_index)') }} - 1 as int) as chunk_index,
    cast(sum(case when weight_row.chunk_index = 0 then 1 else 0 end) {{ head }} as bigint) as row_count,
    sqrt(sum(case when weight_row.chunk_index = 0 then square(weight_row.l2_norm) else 0 end) {{ head }}) as l2_norm,
    avg(case when weight_row.chunk_index = 0 then weight_row.importance end) {{ head }} as importance,
    weight_row.vector
from {{ ref('weight_rows') }} as weight_row
where weight_row.weight_type in ('Q', 'K', 'V')
    and weight_row.head is not null
{% endmacro %}

{#- Without a vector type a weight row is landed as one row a number: chunks of one. -#}
select
    tensor_id,
    row_index,
    {%- if hartonomous.supports('vector') %}
    chunk_index,
    vector
    {%- else %}
    dim as chunk_index,
    value as vector
    {%- endif %}
from {{ source('raw', 'weight_rows') }}

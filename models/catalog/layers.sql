{{ config(pre_hook="{{ hartonomous.resolve_contract_types() }}") }}
{%- set bigint = hartonomous.sql_type('bigint') %}
select
    tensor.model_id,
    model.name as model_name,
    tensor.layer,
    cast(count(*) as {{ hartonomous.sql_type('int') }}) as tensors,
    cast(sum(tensor.row_count * tensor.width) as {{ bigint }}) as parameters,
    cast(sum(tensor.bytes) as {{ bigint }}) as bytes
from {{ ref('tensors') }} as tensor
inner join {{ ref('models') }} as model
    on model.model_id = tensor.model_id
where tensor.layer is not null
group by tensor.model_id, model.name, tensor.layer

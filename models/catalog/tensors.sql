{{ config(pre_hook="{{ hartonomous.resolve_contract_types() }}") }}
select
    tensor.model_id,
    tensor.tensor_name,
    tensor.role,
    tensor.weight_type,
    tensor.layer,
    tensor.tensor_id,
    tensor.sha256,
    tensor.dtype,
    tensor.shape,
    tensor.row_count,
    tensor.width,
    tensor.bytes,
    tensor.has_rows
from {{ ref('stg_tensors') }} as tensor
{%- for student in hartonomous.students() %}

union all

select
    kept.model_id,
    kept.tensor_name,
    parent.role,
    parent.weight_type,
    kept.layer,
    parent.tensor_id,
    parent.sha256,
    parent.dtype,
    parent.shape,
    parent.row_count,
    parent.width,
    parent.bytes,
    parent.has_rows
from (
    select distinct model_id, parent_model_id, tensor_name, parent_tensor_name, layer
    from {{ ref(student) }}
) as kept
inner join {{ ref('stg_tensors') }} as parent
    on parent.model_id = kept.parent_model_id and parent.tensor_name = kept.parent_tensor_name
{%- endfor %}

select
    named.model_id,
    named.tensor_name,
    named.file_tensor_name,
    named.tensor_id,
    named.role,
    named.weight_type,
    named.layer,
    named.ordinal,
    tensor.sha256,
    tensor.dtype,
    tensor.shape,
    tensor.row_count,
    tensor.width,
    tensor.bytes,
    tensor.has_rows
from {{ source('raw', 'model_tensors') }} as named
inner join {{ source('raw', 'tensors') }} as tensor
    on tensor.tensor_id = named.tensor_id

{{ config(pre_hook="{{ hartonomous.resolve_contract_types() }}") }}
select
    token.model_id,
    token.model_name,
    token.token_id,
    token.token,
    token.is_special,
    place.x,
    place.y,
    place.z,
    tensor.tensor_id as embedding_tensor_id
from {{ ref('stg_tokens') }} as token
left join {{ ref('stg_tensors') }} as tensor
    on tensor.model_id = token.model_id and tensor.role = 'embedding_token'
left join {{ source('raw', 'token_positions') }} as place
    on place.tensor_id = tensor.tensor_id and place.row_index = token.token_id

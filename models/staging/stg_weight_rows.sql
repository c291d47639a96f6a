select
    tensor_id,
    row_index,
    chunk_index,
    vector
from {{ source('raw', 'weight_rows') }}

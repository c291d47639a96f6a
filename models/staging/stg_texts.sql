select
    text_id,
    source,
    text,
    metadata,
    landed_at
from {{ source('raw', 'texts') }}

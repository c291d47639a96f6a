select text_id, source, text, landed_at from {{ source('raw', 'texts') }}

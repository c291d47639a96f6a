select
    model_id,
    name,
    architecture,
    family,
    format,
    config,
    tokenizer_id,
    parameters,
    layers,
    hidden_size,
    attention_heads,
    key_value_heads,
    head_size,
    vocabulary_size,
    bytes,
    ingested_at
from {{ source('raw', 'models') }}

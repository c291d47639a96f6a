select
    model.model_id,
    model.name as model_name,
    token.token_id,
    token.token,
    token.is_special
from {{ source('raw', 'tokens') }} as token
inner join {{ source('raw', 'models') }} as model
    on model.tokenizer_id = token.tokenizer_id

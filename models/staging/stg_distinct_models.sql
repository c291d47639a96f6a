{#- One row a distinct model: the same content may have landed under several names. -#}
select
    ranked.model_id,
    ranked.name,
    ranked.architecture,
    ranked.family,
    ranked.format,
    ranked.tokenizer_id,
    ranked.parameters,
    ranked.layers,
    ranked.hidden_size,
    ranked.attention_heads,
    ranked.key_value_heads,
    ranked.head_size,
    ranked.vocabulary_size,
    ranked.ingested_at
from (
    select
        model.*,
        row_number() over (
            partition by model.model_id
            order by model.ingested_at, model.name
        ) as place
    from {{ ref('stg_models') }} as model
) as ranked
where ranked.place = 1

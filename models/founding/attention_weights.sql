{{ config(alias='AttentionWeights') }}
{#- The founding document's name for the attention rows of every model. -#}
select
    model_id,
    model_name,
    layer as layer_idx,
    head as head_idx,
    weight_type,
    row_index,
    chunk_index,
    vector as weight_vector,
    l2_norm,
    importance as importance_score
from {{ ref('weight_rows') }}
where weight_type in ('Q', 'K', 'V', 'O')

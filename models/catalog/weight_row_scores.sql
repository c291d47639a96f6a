{#-
  Importance is the percentile (0 to 1) of a row's L2 norm within its tensor. Tensors are content,
  so a tensor that was scored once is never scored again.
-#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    indexes=hartonomous.table_indexes(['tensor_id', 'row_index']),
    pre_hook="{{ hartonomous.resolve_contract_types() }}",
    post_hook="{{ hartonomous.delete_removed_scores(this) }}",
) }}
with norms as (
    select
        chunk.tensor_id,
        chunk.row_index,
        sqrt(sum({{ hartonomous.row_squares('chunk.vector') }})) as l2_norm
    from {{ ref('stg_weight_rows') }} as chunk
    {%- if is_incremental() %}
    where not exists (
        select 1
        from {{ this.include(database=false) }} as present
        where present.tensor_id = chunk.tensor_id
    )
    {%- endif %}
    group by chunk.tensor_id, chunk.row_index
)

select
    norms.tensor_id,
    norms.row_index,
    cast(norms.l2_norm as {{ hartonomous.sql_type('double') }}) as l2_norm,
    cast(
        percent_rank() over (partition by norms.tensor_id order by norms.l2_norm)
        as {{ hartonomous.sql_type('double') }}
    ) as importance
from norms

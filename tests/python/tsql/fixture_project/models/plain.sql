{{ config(materialized='table') }}
with texts as (
    select text_id from {{ ref('stg_texts') }}
)

select text_id, 1 as one from texts

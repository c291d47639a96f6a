{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='text_id',
    on_schema_change='fail',
) }}
select cast(text_id as varchar(64)) as text_id, landed_at from {{ ref('stg_texts') }}

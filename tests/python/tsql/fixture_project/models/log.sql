{{ config(
    materialized='incremental',
    incremental_strategy='append',
    indexes=[{'columns': ['text_id'], 'type': 'nonclustered'}] if target.type == 'sqlserver' else [],
) }}
{% set newest = run_query('select coalesce(max(landed_at), 0) as newest, count(*) as n from ' ~ source('raw', 'texts')) if execute %}
select text_id, landed_at, 'it''s' as kind
from {{ ref('stg_texts') }}
{% if is_incremental() %}
where landed_at > (select coalesce(max(landed_at), '1900-01-01') from {{ this }})
{% elif execute and newest.rows[0]['n'] != 0 %}
{{ exceptions.raise_compiler_error('a fresh database counts nothing') }}
{% endif %}

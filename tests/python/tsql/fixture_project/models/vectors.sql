{{ config(
    materialized='table',
    pre_hook="{{ resolve_types() }}",
    post_hook=["{{ add_key(this, 'embedding_id') }}",
               {'sql': "{{ add_vector_index(this, 'embedding') }}", 'transaction': false}],
) }}
select
    cast(n as int) as embedding_id,
    cast(text_id as varchar(64)) as text_id,
    cast({{ a_vector() }} as {{ vector_type() }}) as embedding
from (
    select text_id, row_number() over (order by text_id) as n from {{ ref('stg_texts') }}
) as numbered

{{ config(materialized='table', pre_hook="{{ resolve_types() }}") }}
{# A contract over a query that begins with a WITH: dbt-sqlserver asks for its description.
   (A Jinja comment: dbt-fabric counts the word in SQL comments as a second WITH.) #}
with numbered as (
    select text_id, row_number() over (order by text_id) as n from {{ ref('stg_texts') }}
)

select cast(n as int) as embedding_id, cast({{ a_vector() }} as {{ vector_type() }}) as embedding
from numbered

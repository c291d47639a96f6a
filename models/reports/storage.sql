{#-
  Bytes of what is stored, by kind, and what float16 would save. Vectors count 4 bytes a dimension
  (2 where they are stored as float16), positions 12 bytes, grid cells 16 bytes a row; indexes as the
  engine reports them.
-#}
{%- set bigint = hartonomous.sql_type('bigint') -%}
{%- set is_half = hartonomous.supports('float16') and var('vector_storage') == 'float16' -%}
{%- set number_bytes = 2 if is_half else 4 -%}
{%- set dimension = 'cast(space.dimension as ' ~ bigint ~ ')' -%}
select
    'weights' as component,
    cast(count(*) as {{ bigint }}) as row_count,
    cast(coalesce(sum(tensor.row_count * tensor.width * 4), 0) as {{ bigint }}) as bytes,
    cast(coalesce(sum(tensor.row_count * tensor.width * 2), 0) as {{ bigint }}) as bytes_as_float16
from (
    select distinct tensor_id, row_count, width
    from {{ ref('tensors') }}
    where {{ hartonomous.is_true('has_rows') }}
) as tensor

union all

select
    'embeddings' as component,
    cast(count(*) as {{ bigint }}) as row_count,
    cast({{ number_bytes }} * coalesce(sum({{ dimension }}), 0) as {{ bigint }}) as bytes,
    cast(2 * coalesce(sum({{ dimension }}), 0) as {{ bigint }}) as bytes_as_float16
from {{ source('raw', 'text_embeddings') }} as embedding
inner join {{ source('raw', 'spaces') }} as space
    on space.space_id = embedding.space_id

union all

select
    'positions' as component,
    cast(count(*) as {{ bigint }}) as row_count,
    cast(count(*) as {{ bigint }}) * 12 as bytes,
    cast(count(*) as {{ bigint }}) * 6 as bytes_as_float16
from {{ source('raw', 'positions') }}

union all

select
    'grid cells' as component,
    cast(count(*) as {{ bigint }}) as row_count,
    cast(count(*) as {{ bigint }}) * 16 as bytes,
    cast(count(*) as {{ bigint }}) * 16 as bytes_as_float16
from {{ source('raw', 'positions') }}

union all

{{ hartonomous.index_storage(ref('embeddings')) }}

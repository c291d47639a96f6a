{{ config(pre_hook="{{ hartonomous.resolve_contract_types() }}") }}
{%- set bigint = hartonomous.sql_type('bigint') %}
with landed as (
    select
        model.model_id,
        model.name,
        cast(null as {{ hartonomous.sql_type('key') }}) as parent_model_id,
        model.architecture,
        model.family,
        model.format,
        model.layers,
        model.hidden_size,
        model.attention_heads,
        model.key_value_heads,
        model.head_size,
        model.vocabulary_size,
        model.tokenizer_id,
        model.parameters,
        model.parameters as nonzero_parameters,
        model.ingested_at,
        {{ bool_value("model.name = " ~ text_literal(model_name())) }} as is_default
    from {{ ref('stg_models') }} as model
)
{%- for student in hartonomous.students() %},

{{ student }}_size as (
    select
        kept.model_id,
        kept.name,
        kept.parent_model_id,
        max(kept.layer) + 1 as layers,
        sum(kept.width) as parameters,
        sum(kept.kept_width) as nonzero_parameters
    from (
        -- a tensor that is used twice (a tied head) counts once, as in its parent
        select
            student_row.model_id,
            student_row.name,
            student_row.parent_model_id,
            max(student_row.layer) as layer,
            max(cast(student_row.width as {{ bigint }})) as width,
            max(
                case
                    when {{ hartonomous.is_true('student_row.is_kept') }}
                        then cast(student_row.width as {{ bigint }})
                    else 0
                end
            ) as kept_width
        from {{ ref(student) }} as student_row
        group by
            student_row.model_id,
            student_row.name,
            student_row.parent_model_id,
            student_row.tensor_id,
            student_row.row_index
    ) as kept
    group by kept.model_id, kept.name, kept.parent_model_id
)
{%- endfor %}

select * from landed
{%- for student in hartonomous.students() %}

union all

select
    size.model_id,
    size.name,
    size.parent_model_id,
    parent.architecture,
    parent.family,
    parent.format,
    cast(coalesce(size.layers, 0) as {{ hartonomous.sql_type('int') }}) as layers,
    parent.hidden_size,
    parent.attention_heads,
    parent.key_value_heads,
    parent.head_size,
    parent.vocabulary_size,
    parent.tokenizer_id,
    cast(size.parameters as {{ bigint }}) as parameters,
    cast(size.nonzero_parameters as {{ bigint }}) as nonzero_parameters,
    parent.ingested_at,
    {{ bool_value("1 = 0") }} as is_default
from {{ student }}_size as size
inner join {{ ref('stg_distinct_models') }} as parent
    on parent.model_id = size.parent_model_id
{%- endfor %}

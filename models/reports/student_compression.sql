{#- What each student keeps of its parent: parameters that are not zero. -#}
select
    student.model_id as student_model_id,
    student.name as student_name,
    parent.name as parent_name,
    parent.parameters as original_params,
    student.nonzero_parameters as student_params,
    1.0 * parent.parameters / nullif(student.nonzero_parameters, 0) as compression_ratio,
    1.0 * student.nonzero_parameters / nullif(parent.parameters, 0) as size_share
from {{ ref('models') }} as student
inner join {{ ref('stg_distinct_models') }} as parent
    on parent.model_id = student.parent_model_id

{#
  students(): the models that the catalogue unites with the landed ones: those of the var `students`,
  and where procedures can extract one at run time the model that holds all such students.
#}
{% macro students() %}
    {% do return(var('students') + (['extracted_students'] if hartonomous.extracts_students() else [])) %}
{% endmacro %}

{# Whether sp_ExtractStudentModel exists: it writes landing tables, which only T-SQL procedures can. #}
{% macro extracts_students() %}
    {% do return(hartonomous.supports('procedures') and hartonomous.supports('vector')) %}
{% endmacro %}

{#
  extracted_students(): the students that sp_ExtractStudentModel wrote, in the columns that a student
  of the dbt project has (student.sql).
#}
{% macro extracted_students() %}
    {{ config(enabled=hartonomous.extracts_students(), tags=['student']) }}
select
    student.student_id as model_id,
    student.name,
    student.parent_model_id,
    student_row.tensor_id,
    student_row.tensor_name,
    student_row.parent_tensor_name,
    tensor.role,
    tensor.weight_type,
    student_row.layer,
    student_row.parent_layer,
    tensor.width,
    student_row.row_index,
    score.importance,
    student_row.is_kept,
    student.importance_threshold
from {{ source('raw', 'students') }} as student
inner join {{ source('raw', 'student_rows') }} as student_row
    on student_row.student_id = student.student_id
inner join {{ ref('stg_tensors') }} as tensor
    on tensor.model_id = student.parent_model_id and tensor.tensor_name = student_row.parent_tensor_name
inner join {{ ref('weight_row_scores') }} as score
    on score.tensor_id = student_row.tensor_id and score.row_index = student_row.row_index
{% endmacro %}

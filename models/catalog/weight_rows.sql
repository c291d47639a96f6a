{#-
  One row an output neuron of a model (a chunk of it where vectors are typed and a row is wider
  than the type). A student's rows are its parent's, zero where the student dropped them.
-#}
select
    model.model_id,
    model.name as model_name,
    tensor.layer,
    tensor.tensor_name,
    tensor.role,
    tensor.weight_type,
    {{ hartonomous.head_of_row('tensor', 'chunk', 'model') }} as head,
    tensor.tensor_id,
    chunk.row_index,
    chunk.chunk_index,
    score.l2_norm,
    score.importance,
    chunk.vector
from {{ ref('stg_models') }} as model
inner join {{ ref('stg_tensors') }} as tensor
    on tensor.model_id = model.model_id
inner join {{ ref('stg_weight_rows') }} as chunk
    on chunk.tensor_id = tensor.tensor_id
inner join {{ ref('weight_row_scores') }} as score
    on score.tensor_id = chunk.tensor_id and score.row_index = chunk.row_index
{%- for student in hartonomous.students() %}

union all

select
    student_row.model_id,
    student_row.name as model_name,
    student_row.layer,
    student_row.tensor_name,
    student_row.role,
    student_row.weight_type,
    {{ hartonomous.head_of_row('student_row', 'chunk', 'parent') }} as head,
    student_row.tensor_id,
    chunk.row_index,
    chunk.chunk_index,
    case
        when {{ hartonomous.is_true('student_row.is_kept') }} then score.l2_norm
        else 0
    end as l2_norm,
    score.importance,
    case
        when {{ hartonomous.is_true('student_row.is_kept') }} then chunk.vector
        else {{ hartonomous.zero_row('chunk.vector') }}
    end as vector
from {{ ref(student) }} as student_row
inner join {{ ref('stg_distinct_models') }} as parent
    on parent.model_id = student_row.parent_model_id
inner join {{ ref('stg_weight_rows') }} as chunk
    on chunk.tensor_id = student_row.tensor_id and chunk.row_index = student_row.row_index
inner join {{ ref('weight_row_scores') }} as score
    on score.tensor_id = chunk.tensor_id and score.row_index = chunk.row_index
{%- endfor %}

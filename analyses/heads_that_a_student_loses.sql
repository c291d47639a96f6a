{#- Attention heads by the share of their query rows that each student drops. -#}
select
    student_row.model_name,
    student_row.layer,
    student_row.head,
    avg(case when student_row.l2_norm = 0 then 1.0 else 0.0 end) as dropped_share
from {{ ref('weight_rows') }} as student_row
inner join {{ ref('models') }} as student
    on student.model_id = student_row.model_id
where student_row.weight_type = 'Q'
    and student.parent_model_id is not null
group by student_row.model_name, student_row.layer, student_row.head
order by dropped_share desc

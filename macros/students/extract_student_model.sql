{#
  extract_student_model(parent_model_id, layer_subset, importance_threshold, new_model_name): makes a
  student at run time, as student.sql does at build time: a subset of the parent's layers, renumbered
  from 0, in whose matrices the rows at or below the threshold read as zero. It owns no weights: it is
  written as rows that refer to the parent's tensors, in one transaction, and the catalogue has it at
  once (extracted_students).

  parent_model_id: id or name of a landed model; layer_subset: layer numbers, joined by commas.
  Prints and returns student_model_id, student_name, original_params, student_params,
  compression_ratio. A procedure only: no other callable can write.
#}
{% macro extract_student_model() %}
    {{ hartonomous.callable('sp_ExtractStudentModel', [
        {'name': 'parent_model_id', 'type': 'key'},
        {'name': 'layer_subset', 'type': 'text', 'default': '0,1,2'},
        {'name': 'importance_threshold', 'type': 'double', 'default': 0.7},
        {'name': 'new_model_name', 'type': 'key'},
    ]) }}
    {{ config(enabled=hartonomous.extracts_students()) }}
    {{ adapter.dispatch('extract_student_model', 'hartonomous')() }}
{% endmacro %}

{% macro default__extract_student_model() %}
    {% do return(hartonomous.unsupported('extract_student_model', 'write the student as a dbt model (macro student)')) %}
{% endmacro %}

{% macro sqlserver__extract_student_model() %}
set xact_abort on;
{{ hartonomous.sqlserver_check_student() }}

declare @layers nvarchar(max) = (
    select string_agg(cast(kept.layer as nvarchar(max)), ',') within group (order by kept.layer)
    from #layers as kept
);
declare @definition nvarchar(max) = concat(
    @parent_id, '|', @layers, '|', convert(varchar(40), @importance_threshold, 3), '|', @new_model_name
);
declare @student_id {{ hartonomous.sql_type('hash') }} = {{ hartonomous.sha256_hex('@definition') }};

begin transaction;

insert into {{ source('raw', 'students') }}
    (student_id, name, parent_model_id, layers, importance_threshold, created_at)
values (@student_id, @new_model_name, @parent_id, concat('[', @layers, ']'), @importance_threshold, sysutcdatetime());

insert into {{ source('raw', 'student_rows') }}
    (student_id, tensor_id, tensor_name, parent_tensor_name, layer, parent_layer, row_index, is_kept)
select
    @student_id as student_id,
    tensor.tensor_id,
    case
        when kept.layer is null then tensor.tensor_name
        else replace(tensor.tensor_name, concat('.', kept.layer, '.'), concat('.', kept.student_layer, '.'))
    end as tensor_name,
    tensor.tensor_name as parent_tensor_name,
    kept.student_layer as layer,
    tensor.layer as parent_layer,
    score.row_index,
    {{ hartonomous.bool_value(
        "tensor.weight_type in ('NORM', 'BIAS', 'EMBEDDING', 'HEAD') or score.importance > @importance_threshold"
    ) }} as is_kept
from {{ ref('stg_tensors') }} as tensor
inner join {{ ref('weight_row_scores') }} as score
    on score.tensor_id = tensor.tensor_id
left join #layers as kept
    on kept.layer = tensor.layer
where tensor.model_id = @parent_id
    and (tensor.layer is null or kept.layer is not null);

commit transaction;

declare @student_params bigint = (
    select coalesce(sum(case when student_row.is_kept = 1 then tensor.width else 0 end), 0)
    from {{ source('raw', 'student_rows') }} as student_row
    inner join {{ source('raw', 'tensors') }} as tensor
        on tensor.tensor_id = student_row.tensor_id
    where student_row.student_id = @student_id
);
declare @compression_ratio float = cast(@original_params as float) / nullif(@student_params, 0);

print concat('student_model_id: ', @student_id);
print concat('student_name: ', @new_model_name);
print concat('original_params: ', @original_params);
print concat('student_params: ', @student_params);
print concat('compression_ratio: ', @compression_ratio);

select
    @student_id as student_model_id,
    @new_model_name as student_name,
    @original_params as original_params,
    @student_params as student_params,
    @compression_ratio as compression_ratio;
{% endmacro %}

{# Refuses bad input; declares @parent_id and @original_params, fills #layers (layer, student_layer). #}
{% macro sqlserver_check_student() -%}
declare @parent_id {{ hartonomous.sql_type('hash') }};
declare @original_params bigint;
select top (1)
    @parent_id = parent.model_id,
    @original_params = parent.parameters
from {{ ref('stg_models') }} as parent
where parent.name = @parent_model_id or parent.model_id = @parent_model_id
order by case when parent.name = @parent_model_id then 0 else 1 end, parent.name;

create table #layers (layer int not null primary key, student_layer int not null);
insert into #layers (layer, student_layer)
select numbered.layer, row_number() over (order by numbered.layer) - 1 as student_layer
from (
    select distinct try_cast(part.value as int) as layer
    from string_split(@layer_subset, ',') as part
    where trim(part.value) <> '' and trim(part.value) not like '%[^0-9]%'
) as numbered
where numbered.layer is not null;

declare @problem nvarchar(400) = case
    when @parent_id is null
        then concat('parent_model_id is the id or name of a landed model; it is ', coalesce(left(@parent_model_id, 200), 'NULL'))
    when @layer_subset is null or (select count(*) from string_split(@layer_subset, ',')) <> (select count(*) from #layers)
        then concat('layer_subset is distinct layer numbers joined by commas, as 0,1,2; it is ', coalesce(left(@layer_subset, 200), 'NULL'))
    when @importance_threshold is null or @importance_threshold < 0 or @importance_threshold > 1
        then concat('importance_threshold must be from 0 to 1; it is ', coalesce(cast(@importance_threshold as nvarchar(40)), 'NULL'))
    when @new_model_name is null or trim(@new_model_name) = ''
        then 'new_model_name must not be empty'
    when exists (select 1 from {{ ref('models') }} as known where known.name = @new_model_name)
        then concat('there is a model named ', left(@new_model_name, 200), ' already; choose another new_model_name')
    when exists (
        select 1
        from #layers as kept
        where not exists (
            select 1
            from {{ ref('stg_tensors') }} as tensor
            where tensor.model_id = @parent_id and tensor.layer = kept.layer
        )
    )
        then concat('layer_subset names a layer that the parent lacks: ', left(@layer_subset, 200))
    when not exists (
        select 1
        from {{ ref('stg_tensors') }} as tensor
        inner join {{ ref('weight_row_scores') }} as score
            on score.tensor_id = tensor.tensor_id
        where tensor.model_id = @parent_id
    )
        then 'the weights of the parent have no importance scores yet; run dbt build first'
end;
if @problem is not null throw 50000, @problem, 1;
{%- endmacro %}

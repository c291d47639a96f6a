{#
  sp_LogInference: inference_entry.sql in T-SQL, which can write: it lands the entry. results and
  alternatives are JSON arrays of {rank, id, distance, confidence, text}, and are kept as they are;
  where the var log_texts is hash they may hold no text.
#}
{% macro sqlserver__inference_entry(hashes) %}{{ hartonomous.tsql_inference_entry(hashes) }}{% endmacro %}

{% macro fabric__inference_entry(hashes) %}{{ hartonomous.tsql_inference_entry(hashes) }}{% endmacro %}

{% macro tsql_inference_entry(hashes) -%}
{%- set text = hartonomous.sql_type('text') -%}
declare @problem {{ hartonomous.sql_type('key') }} = case
    {%- for name in ['task', 'method', 'query_text'] %}
    when @{{ name }} is null then '{{ name }} must not be NULL'
    {%- endfor %}
    {%- for name in ['results', 'alternatives', 'models'] %}
    when @{{ name }} is not null and (isjson(@{{ name }}) = 0 or left(ltrim(@{{ name }}), 1) <> '[')
        then '{{ name }} must be a JSON array'
    {%- endfor %}
    when @settings is not null and (isjson(@settings) = 0 or left(ltrim(@settings), 1) <> '{')
        then 'settings must be a JSON object'
    {%- if hashes %}
    when exists (
        select 1
        from (
            select entry.value
            from openjson(@results) as entry
            union all
            select entry.value
            from openjson(@alternatives) as entry
        ) as logged
        where json_value(logged.value, '$.text') is not null
    ) then 'the log keeps hashes (var log_texts): results have no text; give text_hash'
    {%- endif %}
end;
if @problem is not null throw 50000, @problem, 1;
set @space_id = coalesce(@space_id, {{ hartonomous.text_literal(hartonomous.space_settings().space_id) }});
if @models is null
    set @models = (
        select concat('["', string_escape(space.model_name, 'json'), '"]')
        from {{ ref('spaces') }} as space
        where space.space_id = @space_id
    );

insert into {{ source('raw', 'inferences') }} ({{ hartonomous.inference_columns() | list | join(', ') }})
select
    {{ hartonomous.tsql_inference_id() }} as inference_id,
    sysutcdatetime() as created_at,
    coalesce(@caller, {{ hartonomous.tsql_caller() }}) as caller,
    @task as task,
    @method as method,
    @space_id as space_id,
    coalesce(@models, '[]') as models,
    {{ hartonomous.sha256_hex('@query_text') }} as query_hash,
    {{ 'null' if hashes else '@query_text' }} as query_text,
    coalesce(@settings, '{}') as settings,
    coalesce(@duration_ms, 0) as duration_ms,
    cast(json_value(@results, '$[0].confidence') as float) as confidence,
    coalesce(@results, '[]') as results,
    coalesce(@alternatives, '[]') as alternatives,
    cast(json_value(@results, '$[0].recall_estimate') as float) as recall_estimate,
    (
        select concat(cast('[' as {{ text }}), string_agg(concat('"', model.model_id, '"'), ','), ']')
        from {{ ref('stg_models') }} as model
        where model.name in (select named.value from openjson(@models) as named)
    ) as model_ids,
    '[]' as students,
    {{ hartonomous.serving_run() }} as run_id;
{%- endmacro %}

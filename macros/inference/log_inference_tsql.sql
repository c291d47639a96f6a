{#
  log_inference(...): the statement by which a procedure logs its answer, before it returns it. A
  procedure that holds one gets the parameter @log_inference bit = 1 (callable_tsql.sql): one that
  calls another logs for both. Who may call the procedure need have no right on raw.inferences.

  task, method: texts, or expressions that begin with @ or case; text: the parameter that holds what
  was asked; settings: {name: expression}; space, model_id or model_name: what was used. rows: {source, order,
  columns: {name: expression}, top_k}: FROM clause, order, the values of a result, and how many of
  them are returned; the others were considered.

  Fabric Warehouse allows FOR JSON as the last word of a batch only: there callers log by
  sp_LogInference.
#}
{% macro log_inference(task, method, text=none, settings={}, space=none, model_id=none, rows=none, model_name=none) %}
    {% do return(adapter.dispatch('log_inference', 'hartonomous')(task, method, text, settings, space, model_id, rows, model_name)) %}
{% endmacro %}

{# A table macro cannot write: inference_entry.sql. #}
{% macro duckdb__log_inference(task, method, text, settings, space, model_id, rows, model_name) %}{% endmacro %}

{% macro fabric__log_inference(task, method, text, settings, space, model_id, rows, model_name) %}{% endmacro %}

{% macro default__log_inference(task, method, text, settings, space, model_id, rows, model_name) %}
    {% do return(hartonomous.unsupported('log_inference')) %}
{% endmacro %}

{% macro sqlserver__log_inference(task, method, text, settings, space, model_id, rows, model_name) -%}
{%- set hashes = hartonomous.log_texts() == 'hash' -%}
{%- set rows = hartonomous.tsql_kept_texts(rows, task, hashes) if rows else none -%}
{%- set asked = text or hartonomous.text_literal('(vector)') -%}
if @log_inference = 1
    insert into {{ source('raw', 'inferences') }} ({{ hartonomous.inference_columns() | list | join(', ') }})
    select
        {{ hartonomous.tsql_inference_id() }} as inference_id,
        sysutcdatetime() as created_at,
        {{ hartonomous.tsql_caller() }} as caller,
        {{ hartonomous.text_literal(task) }} as task,
        {{ method if method.startswith('case ') else hartonomous.text_literal(method) }} as method,
        {{ hartonomous.text_literal(space.space_id if space else '') }} as space_id,
        used.models,
        {{ hartonomous.sha256_hex(asked) }} as query_hash,
        {{ 'null' if hashes else asked }} as query_text,
        {{ hartonomous.tsql_logged_settings(settings, hashes) | indent(8) }} as settings,
        datediff_big(microsecond, @started, sysutcdatetime()) / 1000.0 as duration_ms,
        {{ hartonomous.tsql_first(rows, 'confidence') }} as confidence,
        {{ hartonomous.tsql_logged_rows(rows, 'place <= ' ~ (rows.top_k if rows else '0')) | indent(8) }} as results,
        {{ hartonomous.tsql_logged_rows(rows, 'place > ' ~ (rows.top_k if rows else '0')) | indent(8) }} as alternatives,
        {{ hartonomous.tsql_first(rows, 'recall_estimate') }} as recall_estimate,
        used.model_ids,
        '[]' as students,
        {{ hartonomous.serving_run() }} as run_id
    from (
        {{ hartonomous.tsql_used_models(space, model_id, model_name) | indent(8) }}
    ) as used;
{%- endmacro %}

{% macro tsql_inference_id() -%}
    lower(replace(convert(varchar(36), newid()), '-', ''))
{%- endmacro %}

{% macro tsql_caller() -%}
    coalesce(suser_sname(), 'unknown')
{%- endmacro %}

{# (models, model_ids) as JSON arrays: of the space, or of the model. #}
{% macro tsql_used_models(space, model_id, model_name) -%}
{%- set text = hartonomous.sql_type('text') -%}
select
    concat(cast('[' as {{ text }}), string_agg(concat('"', string_escape(named.name, 'json'), '"'), ','), ']') as models,
    concat(cast('[' as {{ text }}), string_agg(concat('"', named.model_id, '"'), ','), ']') as model_ids
from (
    {%- if space %}
    select space.model_name as name, space.model_id
    from {{ ref('spaces') }} as space
    where space.space_id in ({% for of in space.space_id.split(', ') %}{{ hartonomous.text_literal(of) }}{{ ', ' if not loop.last }}{% endfor %})
    {%- else %}
    select top (1) model.name, model.model_id
    from {{ ref('stg_models') }} as model
    where {{ 'model.name' if model_name else 'model.model_id' }} = {{ hartonomous.text_literal(model_name or model_id) }}
    order by model.ingested_at, model.name
    {%- endif %}
) as named
{%- endmacro %}

{% macro tsql_logged_settings(settings, hashes) -%}
{%- if not settings -%}
'{}'
{%- else -%}
(
    select
        {%- for name, value in settings.items() %}
        {%- if hashes and name == 'filters' %}
        {{ hartonomous.sha256_hex(value) }} as filters_hash
        {%- else %}
        {{ 'json_query(' ~ value ~ ')' if name == 'filters' else value }} as [{{ name }}]
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}
    for json path, without_array_wrapper
)
{%- endif -%}
{%- endmacro %}

{# The rows without their texts, where the log keeps hashes; a token's id is a word, too. #}
{% macro tsql_kept_texts(rows, task, hashes) %}
    {%- set columns = {} -%}
    {%- for name, value in rows.columns.items() if not hashes or name not in (['text'] if task == 'search' else ['text', 'id']) -%}
        {%- do columns.update({name: value}) -%}
    {%- endfor -%}
    {%- if hashes and task == 'search' and 'text' in rows.columns -%}
        {%- do columns.update({'text_hash': hartonomous.sha256_hex(rows.columns.text)}) -%}
    {%- endif -%}
    {% do return({'source': rows.source, 'order': rows.order, 'top_k': rows.top_k, 'columns': columns}) %}
{% endmacro %}

{% macro tsql_logged_rows(rows, condition) -%}
{%- if not rows -%}
'[]'
{%- else -%}
coalesce((
    select
        ranked.place as [rank],
        {%- for name in rows.columns %}
        ranked.[{{ name }}]{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            row_number() over (order by {{ rows.order }}) as place,
            {%- for name, value in rows.columns.items() %}
            {{ value }} as [{{ name }}]{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ rows.source }}
    ) as ranked
    where ranked.{{ condition }}
    order by ranked.place
    for json path
), '[]')
{%- endif -%}
{%- endmacro %}

{# A value of the first row, where rows have it. #}
{% macro tsql_first(rows, name) -%}
{%- if rows and name in rows.columns -%}
    (select top (1) {{ rows.columns[name] }} from {{ rows.source }} order by {{ rows.order }})
{%- else -%}
    null
{%- endif -%}
{%- endmacro %}

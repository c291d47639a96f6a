{#
  build_runs(): a row for every dbt invocation that built something here. The newest is what serves:
  inferences name it as their run, and it says whether the log keeps texts (var log_texts).
  `hartonomous build` hands over the package's version and the commit as dbt's own metadata variables.
#}
{% macro build_runs() %}
    {{ config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
    ) }}
    {%- set key = hartonomous.sql_type('key') %}
select
    cast({{ hartonomous.text_literal(invocation_id) }} as {{ key }}) as run_id,
    cast({{ hartonomous.text_literal(run_started_at.strftime('%Y-%m-%dT%H:%M:%S.%f')) }} as {{ hartonomous.sql_type('timestamp') }}) as started_at,
    cast({{ hartonomous.text_literal(flags.WHICH) }} as {{ key }}) as command,
    cast({{ hartonomous.text_literal(env_var('DBT_ENV_CUSTOM_ENV_HARTONOMOUS_VERSION', '')) }} as {{ key }}) as hartonomous_version,
    cast({{ hartonomous.text_literal(dbt_version) }} as {{ key }}) as dbt_version,
    cast({{ hartonomous.text_literal(env_var('DBT_ENV_CUSTOM_ENV_GIT_COMMIT', '')) }} as {{ key }}) as git_commit,
    cast({{ hartonomous.text_literal(hartonomous.log_texts()) }} as {{ key }}) as log_texts
{% endmacro %}

{# The var log_texts: text, or hash where the log keeps no texts. #}
{% macro log_texts() %}
    {%- set chosen = var('log_texts') -%}
    {% if chosen not in ['text', 'hash'] %}
        {% do exceptions.raise_compiler_error('hartonomous: the var log_texts is text or hash; it is ' ~ chosen) %}
    {% endif %}
    {% do return(chosen) %}
{% endmacro %}

{# The run that serves, as an expression. #}
{% macro serving_run() -%}
    (select {{ hartonomous.top(1) }} run.run_id from {{ ref('build_runs') }} as run order by run.started_at desc {{ hartonomous.limit(1) }})
{%- endmacro %}

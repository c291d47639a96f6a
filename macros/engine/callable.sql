{#
  Callables: what people call from SQL, as nodes of the dbt graph, so that dbt docs show what each
  one reads. A table macro in DuckDB, a stored procedure under the founding name in T-SQL.

  A model of this materialization is one line that calls a macro; that macro calls
  `callable(procedure, parameters, space)` for the config and returns the body. `space` is the
  embedding space whose dimension the vector parameters have, where it is not the default one.

  `more`: parameters that a longer form of the callable has besides. A procedure has them all; a table
  macro is two, told apart by the number of arguments, so that the short form is planned as fast as
  if there were no other. Their bodies stand below each other, parted by next_form().

  A parameter is {name, type, default?, procedure_name?}. In the body write {{ "{{ param('top_k') }}" }}:
  `top_k` in DuckDB, `@top_k` in T-SQL. procedure_name is the founding name, where it differs.
#}
{% macro callable(procedure, parameters, space=none, more=[]) %}
    {{ config(
        materialized='callable',
        alias=hartonomous.callable_name(model.name, procedure),
        procedure=procedure,
        parameters=parameters,
        more_parameters=more,
        space=space,
        meta={'callable': true, 'procedure': procedure, 'parameters': parameters + more},
    ) }}
{% endmacro %}

{% macro param(name) %}
    {% do return(adapter.dispatch('param', 'hartonomous')(name)) %}
{% endmacro %}

{% macro duckdb__param(name) %}
    {% do return(name) %}
{% endmacro %}

{% macro default__param(name) %}
    {% do return(hartonomous.unsupported('a callable')) %}
{% endmacro %}

{% macro next_form() -%}
-- the form with more parameters
{%- endmacro %}

{% macro create_callable(relation, parameters, body, more=[]) %}
    {% do return(adapter.dispatch('create_callable', 'hartonomous')(relation, parameters, body, more)) %}
{% endmacro %}

{% macro duckdb__create_callable(relation, parameters, body, more) %}
{%- set bodies = body.split(hartonomous.next_form()) -%}
create or replace macro {{ relation.include(database=false) }}
{%- for form in bodies %}
    {#- a longer form that could be called with as few arguments as the short one would be ambiguous -#}
    {%- set required = (parameters + more[:1]) if loop.index0 else [] %}
(
    {%- for parameter in parameters + (more if required else []) %}
    {{ parameter.name }}{% if 'default' in parameter and parameter not in required %} := {{ hartonomous.parameter_literal(parameter.default) }}{% endif %}
    {{- ',' if not loop.last }}
    {%- endfor %}
) as table (
{{ form }}
){{ ',' if not loop.last }}
{%- endfor %}
{% endmacro %}

{% macro default__create_callable(relation, parameters, body, more) %}
    {% do return(hartonomous.unsupported('a callable')) %}
{% endmacro %}

{% macro parameter_literal(value) %}
    {%- if value is none -%}
        null
    {%- elif value is number -%}
        {{ value }}
    {%- else -%}
        {{ hartonomous.text_literal(value) }}
    {%- endif -%}
{% endmacro %}

{# The object's name: a macro keeps the model's, a procedure has the founding one. #}
{% macro callable_name(model_name, procedure) %}
    {% do return(adapter.dispatch('callable_name', 'hartonomous')(model_name, procedure)) %}
{% endmacro %}

{% macro duckdb__callable_name(model_name, procedure) %}
    {% do return(model_name) %}
{% endmacro %}

{% macro default__callable_name(model_name, procedure) %}
    {% do return(procedure) %}
{% endmacro %}

{% materialization callable, default %}
    {%- set relation = this.incorporate(type='view') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {# Alone in its batch: T-SQL requires it of CREATE OR ALTER PROCEDURE. #}
    {% call statement('main') -%}
        {{ hartonomous.create_callable(relation, config.require('parameters'), sql, config.get('more_parameters', [])) }}
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {# No relation is returned: a callable is neither table nor view, and dbt would cache it as one. #}
    {{ return({'relations': []}) }}
{% endmaterialization %}

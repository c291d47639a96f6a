{#
  Callables as stored procedures. The parameters keep the names of the founding document
  (`procedure_name`); the body reads every parameter under its name in the graph.
#}
{% macro sqlserver__param(name) %}
    {% do return('@' ~ name) %}
{% endmacro %}

{% macro fabric__param(name) %}
    {% do return('@' ~ name) %}
{% endmacro %}

{% macro sqlserver__create_callable(relation, parameters, body, more) %}{{ hartonomous.tsql_create_callable(relation, parameters + more, body) }}{% endmacro %}

{% macro fabric__create_callable(relation, parameters, body, more) %}{{ hartonomous.tsql_create_callable(relation, parameters + more, body) }}{% endmacro %}

{% macro tsql_create_callable(relation, parameters, body) %}
    {#- the space is known when the graph is parsed, its dimension only when there is a database to ask -#}
    {%- set dimension = hartonomous.space_settings(config.get('space')).dimension -%}
    {#- log_inference_tsql.sql -#}
    {%- set logs = 'if @log_inference = 1' in body -%}
create or alter procedure {{ relation.include(database=false) }}
    {%- for parameter in parameters %}
    @{{ parameter.procedure_name or parameter.name }} {{ hartonomous.parameter_type(parameter.type, dimension) }}
    {%- if 'default' in parameter %} = {{ hartonomous.parameter_literal(parameter.default) }}{% endif %}
    {{- ',' if not loop.last or logs }}
    {%- endfor %}
    {%- if logs %}
    @log_inference bit = 1
    {%- endif %}
as
begin
set nocount on;
{%- if logs %}
declare @started datetime2(7) = sysutcdatetime();
{%- endif %}
{%- for parameter in parameters if parameter.procedure_name %}
declare @{{ parameter.name }} {{ hartonomous.parameter_type(parameter.type, dimension) }} = @{{ parameter.procedure_name }};
{%- endfor %}

{{ body | trim }}
end
{% endmacro %}

{# A vector is handed over as VECTOR, which JSON text converts to; as JSON text where there is no such type. #}
{% macro parameter_type(kind, dimension) %}
    {% do return(hartonomous.sql_type(
        'json' if kind == 'vector' and not hartonomous.supports('vector') else kind,
        dimension if kind == 'vector' else none,
    )) %}
{% endmacro %}

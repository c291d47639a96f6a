{#
  sp_HiddenStates: hidden_states.sql on SQL Server.
#}
{% macro sqlserver__hidden_states(settings, weights) -%}
{%- set refusal = settings.refusal or hartonomous.text_refusal(settings) -%}
{%- if refusal -%}
{{ hartonomous.sqlserver_refuse(refusal) }}
{%- else -%}
{{ hartonomous.check_parameters(counts=[], required=['text'], filters=false) }}

{{ hartonomous.sqlserver_check_range('layer', settings.layers) }}
{{ hartonomous.sqlserver_prompt(settings, weights, 'text') }}

{{ hartonomous.sqlserver_layers(settings, weights, last_layer='@layer') }}
{%- if settings.is_pre_norm %}
if @layer = {{ settings.layers }}
begin
    {{ hartonomous.sqlserver_fill_numbers('#outputs', hartonomous.sqlserver_final_hidden(settings, weights)) | indent(4) }}
    {{ hartonomous.sqlserver_fill_numbers('#hidden', 'select last.row_id, last.dimension, last.value\nfrom #outputs as last') | indent(4) }}
end
{%- endif %}

{{ hartonomous.sqlserver_spelling(settings, ['select token.token_id\nfrom #sequence as token']) }}

select
    token.position,
    token.token_id,
    spelled.text as token,
    {{ hartonomous.sqlserver_shown_vector('shown.hidden', settings.hidden_size) }} as hidden
from #sequence as token
inner join (
    select
        number.row_id,
        {{ hartonomous.sqlserver_json_vector('number.value', 'number.dimension') | indent(8) }} as hidden
    from #hidden as number
    group by number.row_id
) as shown
    on shown.row_id = token.row_id
inner join #decoded as spelled
    on spelled.text_id = token.token_id
order by token.position;
{%- endif %}
{%- endmacro %}

{# Layers and heads count from 0. #}
{% macro sqlserver_check_range(parameter, highest) -%}
if @{{ parameter }} is null or @{{ parameter }} not between 0 and {{ highest }}
begin
    set @problem = concat('{{ parameter }} must be from 0 to {{ highest }}; it is ', coalesce(cast(@{{ parameter }} as varchar(20)), 'NULL'));
    throw 50000, @problem, 1;
end;
{%- endmacro %}

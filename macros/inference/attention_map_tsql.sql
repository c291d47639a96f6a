{#
  sp_AttentionMap: attention_map.sql on SQL Server.
#}
{% macro sqlserver__attention_map(settings, weights) -%}
{%- set refusal = settings.refusal or hartonomous.text_refusal(settings) -%}
{%- if refusal -%}
{{ hartonomous.sqlserver_refuse(refusal) }}
{%- else -%}
{{ hartonomous.check_parameters(counts=[], required=['text'], filters=false) }}

{{ hartonomous.sqlserver_check_range('layer', settings.layers - 1) }}
{{ hartonomous.sqlserver_check_range('head', settings.heads - 1) }}
{{ hartonomous.sqlserver_prompt(settings, weights, 'text') }}

set @this_layer = 0;
while @this_layer <= @layer
begin
    {{ hartonomous.sqlserver_layer(settings, weights, stop='if @this_layer = @layer break;') | indent(4) }}

    set @this_layer += 1;
end

{{ hartonomous.sqlserver_spelling(settings, ['select token.token_id\nfrom #sequence as token']) }}

-- later tokens, which a causal model does not see, have no weight
select
    asking.position,
    asking_text.text as token,
    seen.position as attends_to,
    seen_text.text as attended_token,
    coalesce(weighted.weight, 0) as weight
from #sequence as asking
cross join #sequence as seen
left join #attention_weights as weighted
    on weighted.row_id = asking.row_id and weighted.position = seen.position and weighted.head = @head
inner join #decoded as asking_text
    on asking_text.text_id = asking.token_id
inner join #decoded as seen_text
    on seen_text.text_id = seen.token_id
order by asking.position, seen.position;
{%- endif %}
{%- endmacro %}

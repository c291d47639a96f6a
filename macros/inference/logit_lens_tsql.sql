{#
  sp_LogitLens: logit_lens.sql on SQL Server; the head reads a token of a layer at a time.
#}
{% macro sqlserver__logit_lens(settings, weights) -%}
{%- set refusal = hartonomous.language_refusal(settings) -%}
{%- if refusal -%}
{{ hartonomous.sqlserver_refuse(refusal) }}
{%- else -%}
{{ hartonomous.check_parameters(counts=[], required=['text'], filters=false) }}

{{ hartonomous.sqlserver_prompt(settings, weights, 'text') }}
{{ hartonomous.sqlserver_logit_tables() }}
create table #predicted (
    layer int not null,
    row_id int not null,
    token_id int not null,
    log_probability float not null,
    primary key (layer, row_id)
);
declare @row_id int;
set @this_layer = 0;
while @this_layer <= {{ settings.layers }}
begin
    -- what the head makes of every token here
    {{ hartonomous.sqlserver_final(settings, weights) | indent(4) }}
    set @row_id = 0;
    while @row_id < (select count(*) from #sequence)
    begin
        {{ hartonomous.sqlserver_logits(settings, weights, '@row_id') | indent(8) }}
        insert into #predicted (layer, row_id, token_id, log_probability)
        select top (1)
            @this_layer as layer,
            @row_id as row_id,
            scored.token_id,
            scored.logit - @log_total as log_probability
        from #logits as scored
        order by scored.logit desc, scored.token_id asc;
        set @row_id += 1;
    end
    if @this_layer = {{ settings.layers }} break;

    {{ hartonomous.sqlserver_layer(settings, weights) | indent(4) }}

    set @this_layer += 1;
end

{{ hartonomous.sqlserver_spelling(settings, [
    'select token.token_id\nfrom #sequence as token', 'select predicted.token_id\nfrom #predicted as predicted',
]) }}

select
    predicted.layer,
    token.position,
    spelled.text as token,
    predicted.token_id as predicted_token_id,
    spelled_prediction.text as predicted_token,
    exp(predicted.log_probability) as probability
from #predicted as predicted
inner join #sequence as token
    on token.row_id = predicted.row_id
inner join #decoded as spelled
    on spelled.text_id = token.token_id
inner join #decoded as spelled_prediction
    on spelled_prediction.text_id = predicted.token_id
order by predicted.layer, token.position;
{%- endif %}
{%- endmacro %}

{#
  sp_ScoreText: score.sql on SQL Server; the head reads a token at a time.
#}
{% macro sqlserver__score(settings, weights) -%}
{%- set refusal = hartonomous.language_refusal(settings) -%}
{%- if refusal -%}
{{ hartonomous.sqlserver_refuse(refusal) }}
{%- else -%}
{{ hartonomous.check_parameters(counts=[], required=['text'], filters=false) }}

{{ hartonomous.sqlserver_prompt(settings, weights, 'text') }}

{{ hartonomous.sqlserver_layers(settings, weights) }}

{{ hartonomous.sqlserver_logit_tables() }}

{{ hartonomous.sqlserver_final(settings, weights) }}

-- what the token before each one gave it
create table #scored_tokens (
    row_id int not null primary key,
    log_probability float not null
);
declare @row_id int = 1;
while @row_id < (select count(*) from #sequence)
begin
    {{ hartonomous.sqlserver_logits(settings, weights, '@row_id - 1') | indent(4) }}
    insert into #scored_tokens (row_id, log_probability)
    select
        token.row_id,
        scored.logit - @log_total as log_probability
    from #sequence as token
    inner join #logits as scored
        on scored.token_id = token.token_id
    where token.row_id = @row_id;
    set @row_id += 1;
end

{{ hartonomous.sqlserver_spelling(settings, ['select token.token_id\nfrom #sequence as token']) }}

declare @perplexity float = (select exp(-avg(scored.log_probability)) from #scored_tokens as scored);
{{ hartonomous.log_inference('score', 'sql', text='@text', settings={
    'tokens': '(select count(*) from #sequence)', 'perplexity': '@perplexity',
}, model_id=settings.model_id, rows={
    'source': '#sequence as kept left join #scored_tokens as scored on scored.row_id = kept.row_id '
        ~ 'inner join #decoded as spelled on spelled.text_id = kept.token_id',
    'order': 'kept.position',
    'columns': {'id': 'kept.token_id', 'text': 'spelled.text', 'logprob': 'scored.log_probability'},
    'top_k': '2147483647',
}) }}

select
    token.position,
    token.token_id,
    spelled.text as token,
    scored.log_probability,
    @perplexity as perplexity
from #sequence as token
left join #scored_tokens as scored
    on scored.row_id = token.row_id
inner join #decoded as spelled
    on spelled.text_id = token.token_id
order by token.position;
{%- endif %}
{%- endmacro %}

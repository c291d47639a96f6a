{#
  sp_NextTokens: next_tokens.sql on SQL Server.
#}
{% macro sqlserver__next_tokens(settings, weights) -%}
{%- set refusal = hartonomous.language_refusal(settings) -%}
{%- if refusal -%}
{{ hartonomous.sqlserver_refuse(refusal) }}
{%- else -%}
{{ hartonomous.check_parameters(counts=['top_k'], required=['prompt'], filters=false) }}

{{ hartonomous.sqlserver_prompt(settings, weights, 'prompt') }}

{{ hartonomous.sqlserver_layers(settings, weights) }}

{{ hartonomous.sqlserver_logit_tables() }}

{{ hartonomous.sqlserver_final(settings, weights) }}

{{ hartonomous.sqlserver_logits(settings, weights, '(select max(last.row_id) from #sequence as last)') }}

create table #likeliest (
    rank int not null primary key,
    token_id int not null,
    log_probability float not null
);
declare @kept_k bigint = cast(@top_k as bigint) + 5;
insert into #likeliest (rank, token_id, log_probability)
select top (@kept_k)
    row_number() over (order by scored.logit desc, scored.token_id asc) as rank,
    scored.token_id,
    scored.logit - @log_total as log_probability
from #logits as scored
order by scored.logit desc, scored.token_id asc;

{{ hartonomous.sqlserver_spelling(settings, ['select likeliest.token_id\nfrom #likeliest as likeliest']) }}

{{ hartonomous.log_inference('next-tokens', 'sql', text='@prompt', settings={'top_k': '@top_k'}, model_id=settings.model_id, rows={
    'source': '#likeliest as kept inner join #decoded as spelled on spelled.text_id = kept.token_id',
    'order': 'kept.rank',
    'columns': {
        'id': 'kept.token_id', 'text': 'spelled.text', 'logprob': 'kept.log_probability',
        'confidence': 'exp(greatest(kept.log_probability, -700))',
    },
    'top_k': '@top_k',
}) }}

select
    likeliest.rank,
    likeliest.token_id,
    spelled.text as token,
    exp(greatest(likeliest.log_probability, -700)) as probability,
    likeliest.log_probability
from #likeliest as likeliest
inner join #decoded as spelled
    on spelled.text_id = likeliest.token_id
where likeliest.rank <= @top_k
order by likeliest.rank;
{%- endif %}
{%- endmacro %}

{#
  sp_GenerateText: generate.sql on SQL Server, a loop, a token a round. Keys and values of earlier
  tokens stay in #attention_keys and #attention_values; #sequence holds the tokens of the round: the
  prompt's in the first, then the one that was chosen.
#}
{% macro sqlserver__generate(settings, weights) -%}
{%- set refusal = hartonomous.language_refusal(settings) -%}
{%- if refusal -%}
{{ hartonomous.sqlserver_refuse(refusal) }}
{%- else -%}
{{ hartonomous.check_parameters(counts=[], required=['prompt', 'seed'], filters=false) }}
set @problem = case
    when @max_tokens is null or @max_tokens < 0 then 'max_tokens must be 0 or more'
    when @temperature is null or @temperature < 0 then 'temperature must be 0 or more; 0 is greedy'
    when @top_k is null or @top_k < 0 then 'top_k must be 0 or more; 0 keeps all'
    when @top_p is null or @top_p <= 0 or @top_p > 1 then 'top_p must be more than 0 and at most 1'
end;
if @problem is not null throw 50000, @problem, 1;

-- the prompt itself is not cut
declare @max_new_tokens int = @max_tokens;
set @max_tokens = null;
{{ hartonomous.sqlserver_prompt(settings, weights, 'prompt', limit='') }}
{{ hartonomous.sqlserver_logit_tables() }}
{{ hartonomous.sqlserver_sampling_tables() }}
create table #written (
    seq int not null primary key,
    token_id int not null,
    log_probability float not null
);
declare @prompt_tokens int = (select count(*) from #sequence);
declare @step int = 0;

while @prompt_tokens > 0 and @step < @max_new_tokens
begin
    {{ hartonomous.sqlserver_layers(settings, weights, cache={'is_filled': '@step > 0'}) | indent(4) }}

    {{ hartonomous.sqlserver_final(settings, weights) | indent(4) }}

    {{ hartonomous.sqlserver_logits(settings, weights, '(select max(last.row_id) from #sequence as last)') | indent(4) }}

    {{ hartonomous.sqlserver_choose(settings, '@step') | indent(4) }}
    if {{ hartonomous.is_end_token(settings, '@token_id') }} break;

    set @step += 1;
    insert into #written (seq, token_id, log_probability) values (@step, @token_id, @log_probability);
    -- the last token needs no position of its own
    if @prompt_tokens + @step > {{ settings.max_positions }} break;

    truncate table #sequence;
    insert into #sequence (row_id, text_id, position, token_id)
    values (0, 0, @prompt_tokens + @step - 1, @token_id);
    {{ hartonomous.sqlserver_embedded(settings, weights) | indent(4) }}
end

{{ hartonomous.sqlserver_written_text(settings, "case when @temperature > 0 then 'sampling' else 'greedy' end", {
    'max_tokens': '@max_new_tokens', 'temperature': '@temperature', 'top_k': '@top_k', 'top_p': '@top_p', 'seed': '@seed',
}) }}
{%- endif %}
{%- endmacro %}

{# The result set of generate and generate_beam, from #written. A text that is written so far has the
   number -seq among the texts that are decoded, a token its own. Special tokens have a row and no
   part in the text. The log has the text with the last token. #}
{% macro sqlserver_written_text(settings, method, logged) -%}
{%- set texts -%}
select
    -cast(last.seq as bigint) as text_id,
    earlier.seq - 1 as position,
    earlier.token_id
from #written as last
inner join #written as earlier
    on earlier.seq <= last.seq
where not exists (
    select 1
    from {{ ref('stg_tokens') }} as special
    where special.model_id = {{ hartonomous.text_literal(settings.model_id) }}
        and special.token_id = earlier.token_id
        and special.is_special = 1
)
{%- endset -%}
{{ hartonomous.sqlserver_spelling(settings, ['select written.token_id\nfrom #written as written'], texts) }}

{{ hartonomous.log_inference('generate', method, text='@prompt', settings=logged, model_id=settings.model_id, rows={
    'source': '#written as kept left join #decoded as so_far on so_far.text_id = -cast(kept.seq as bigint) and kept.seq = (select max(last.seq) from #written as last)',
    'order': 'kept.seq',
    'columns': {'id': 'kept.token_id', 'logprob': 'kept.log_probability', 'text': 'so_far.text'},
    'top_k': '2147483647',
}) }}

select
    written.seq,
    written.token_id,
    spelled.text as token,
    written.log_probability,
    coalesce(so_far.text, '') as generated_text
from #written as written
inner join #decoded as spelled
    on spelled.text_id = written.token_id
left join #decoded as so_far
    on so_far.text_id = -cast(written.seq as bigint)
order by written.seq;
{%- endmacro %}

{#
  The language-model head on SQL Server, for ONE token at a time: the scores of a vocabulary for every
  token of a text would fill tempdb.

  sqlserver_logit_tables()                    #final, #logits (token_id, logit), @highest, @log_total
  sqlserver_final(settings, weights)          #hidden -> #final: all tokens as the head reads them
  sqlserver_logits(settings, weights, row)    #final -> #logits of the token `row` (an expression);
                                              @highest is their largest, @log_total log sum exp, taken
                                              off the largest, so that no score overflows
#}
{% macro sqlserver_logit_tables() -%}
{{ hartonomous.sqlserver_create_chunks('#final') }}
create table #logits (
    token_id int not null primary key,
    logit real not null
);
declare @highest float;
declare @log_total float;
{%- endmacro %}

{% macro sqlserver_final(settings, weights) -%}
{{ hartonomous.sqlserver_fill_chunks('#final', hartonomous.sqlserver_normed(settings, weights, '#hidden', 'final', '0')) }}
{%- endmacro %}

{% macro sqlserver_logits(settings, weights, row) -%}
truncate table #logits;
insert into #logits (token_id, logit)
select
    scored.dimension as token_id,
    scored.value as logit
from (
    {{ hartonomous.sqlserver_linear(
        '(select given.row_id, given.chunk_index, given.vector from #final as given where given.row_id = ' ~ row ~ ')', weights.heads, '0'
    ) | indent(4) }}
) as scored;

set @highest = (select max(scored.logit) from #logits as scored);
set @log_total = @highest + (
    select log(sum(exp(greatest(cast(scored.logit as float) - @highest, -700))))
    from #logits as scored
);
{%- endmacro %}

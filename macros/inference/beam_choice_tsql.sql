{#
  A round's choice in beam search on SQL Server: beam_choice.sql as statements of generate_beam_tsql.sql.
#}
{# The best continuations of all running texts in #continued, and the finished ones among the first
   @beams of them in #finished, which keeps the best @beams of all rounds. #}
{% macro sqlserver_continuations(settings, weights) -%}
truncate table #continuations;
set @row_id = -1;
while 1 = 1
begin
    -- of the prompt only its last token goes on
    set @row_id = (
        select min(leaving.row_id)
        from (select max(token.row_id) as row_id from #sequence as token group by token.text_id) as leaving
        where leaving.row_id > @row_id
    );
    if @row_id is null break;
    {{ hartonomous.sqlserver_logits(settings, weights, '@row_id') | indent(4) }}
    insert into #continuations (parent_id, token_id, log_probability, score)
    select top (@looked_at)
        token.text_id as parent_id,
        scored.token_id,
        scored.logit - @log_total as log_probability,
        running.score + scored.logit - @log_total as score
    from #logits as scored
    inner join #sequence as token
        on token.row_id = @row_id
    inner join #running as running
        on running.text_id = token.text_id
    order by scored.logit desc, scored.token_id asc;
end

truncate table #continued;
insert into #continued (place, parent_id, token_id, log_probability, score, is_finished)
select top (@looked_at)
    row_number() over (order by continuation.score desc, continuation.parent_id asc, continuation.token_id asc) as place,
    continuation.parent_id,
    continuation.token_id,
    continuation.log_probability,
    continuation.score,
    case
        when {{ hartonomous.is_end_token(settings, 'continuation.token_id') }} or @step + 1 >= @max_new_tokens then 1
        else 0
    end as is_finished
from #continuations as continuation
order by continuation.score desc, continuation.parent_id asc, continuation.token_id asc;

insert into #finished (place, parent_id, seq, token_id, log_probability, score)
select
    cast(@step as bigint) * @looked_at + continued.place as place,
    continued.parent_id,
    @step + 1 as seq,
    continued.token_id,
    continued.log_probability,
    continued.score / (@step + 1) as score
from #continued as continued
where continued.is_finished = 1 and continued.place <= @beams;
delete from #finished
where place not in (select top (@beams) best.place from #finished as best order by best.score desc, best.place asc);
{%- endmacro %}

{# The best continuations that are not finished become the running texts: nodes, paths, #sequence. #}
{% macro sqlserver_next_beams() -%}
truncate table #running;
insert into #nodes (text_id, parent_id, seq, token_id, log_probability)
select top (@beams)
    cast(@step as bigint) * @beams + row_number() over (order by continued.place) - 1 as text_id,
    continued.parent_id,
    @step as seq,
    continued.token_id,
    continued.log_probability
from #continued as continued
where continued.is_finished = 0
order by continued.place;

insert into #running (text_id, score)
select node.text_id, continued.score
from #nodes as node
inner join #continued as continued
    on continued.parent_id = node.parent_id and continued.token_id = node.token_id
where node.seq = @step;

truncate table #next_paths;
insert into #next_paths (text_id, position, source_id)
select node.text_id, path.position, path.source_id
from #nodes as node
inner join #paths as path
    on path.text_id = node.parent_id
where node.seq = @step;
insert into #next_paths (text_id, position, source_id)
select node.text_id, @prompt_tokens + @step - 1 as position, node.text_id as source_id
from #nodes as node
where node.seq = @step;
truncate table #paths;
insert into #paths (text_id, position, source_id)
select path.text_id, path.position, path.source_id
from #next_paths as path;

truncate table #sequence;
insert into #sequence (row_id, text_id, position, token_id)
select
    row_number() over (order by node.text_id) - 1 as row_id,
    node.text_id,
    @prompt_tokens + @step - 1 as position,
    node.token_id
from #nodes as node
where node.seq = @step;
{%- endmacro %}

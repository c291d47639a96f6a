{#
  sp_GenerateBeam: generate_beam.sql on SQL Server, a loop, a token of every beam a round.

  A text is known by the number of its last token's node in the tree of continuations: 0 is the prompt,
  a round's beams follow. #nodes has each node's token and parent. Keys and values are kept by node, and
  #paths says which nodes each running text sees, so that nothing is copied when beams part.
#}
{% macro sqlserver__generate_beam(settings, weights) -%}
{%- set refusal = hartonomous.language_refusal(settings) -%}
{%- if refusal -%}
{{ hartonomous.sqlserver_refuse(refusal) }}
{%- else -%}
{{ hartonomous.check_parameters(counts=['beams'], required=['prompt'], filters=false) }}
if @max_tokens is null or @max_tokens < 0 throw 50000, 'max_tokens must be 0 or more', 1;

-- the prompt itself is not cut
declare @max_new_tokens int = @max_tokens;
set @max_tokens = null;
{{ hartonomous.sqlserver_prompt(settings, weights, 'prompt', limit='') }}
{{ hartonomous.sqlserver_logit_tables() }}
{{ hartonomous.sqlserver_beam_tables() }}
declare @prompt_tokens int = (select count(*) from #sequence);
declare @looked_at int = {{ [2, 1 + settings.end_tokens | length] | max }} * @beams;
declare @step int = 0;
declare @row_id int;
-- the last token that is chosen needs no position of its own
if @max_new_tokens > {{ settings.max_positions }} + 1 - @prompt_tokens
    set @max_new_tokens = {{ settings.max_positions }} + 1 - @prompt_tokens;
insert into #running (text_id, score) values (0, 0);
insert into #paths (text_id, position, source_id)
select token.text_id, token.position, token.text_id as source_id
from #sequence as token;

while @prompt_tokens > 0 and @step < @max_new_tokens
begin
    {{ hartonomous.sqlserver_layers(settings, weights, cache={'is_filled': '@step > 0', 'paths': '#paths'}) | indent(4) }}

    {{ hartonomous.sqlserver_final(settings, weights) | indent(4) }}

    {{ hartonomous.sqlserver_continuations(settings, weights) | indent(4) }}

    -- goes on while a running text can still become better than the worst finished one
    if not exists (select 1 from #continued as continued where continued.is_finished = 0) break;
    if (select count(*) from #finished) >= @beams
        and (select max(continued.score) from #continued as continued where continued.is_finished = 0) / (@step + 1)
        <= (select min(done.score) from #finished as done)
        break;

    set @step += 1;
    {{ hartonomous.sqlserver_next_beams() | indent(4) }}

    {{ hartonomous.sqlserver_embedded(settings, weights) | indent(4) }}
end

-- the best text, from its end to its beginning
declare @text_id bigint;
create table #written (
    seq int not null primary key,
    token_id int not null,
    log_probability float not null
);
insert into #written (seq, token_id, log_probability)
select best.seq, best.token_id, best.log_probability
from (
    select top (1) done.seq, done.token_id, done.log_probability
    from #finished as done
    order by done.score desc, done.place asc
) as best
where not {{ hartonomous.is_end_token(settings, 'best.token_id') }};
set @text_id = (select top (1) done.parent_id from #finished as done order by done.score desc, done.place asc);
while @text_id > 0
begin
    insert into #written (seq, token_id, log_probability)
    select node.seq, node.token_id, node.log_probability
    from #nodes as node
    where node.text_id = @text_id;
    set @text_id = (select node.parent_id from #nodes as node where node.text_id = @text_id);
end

{{ hartonomous.sqlserver_written_text(settings, 'beam_search', {'max_tokens': '@max_new_tokens', 'beams': '@beams'}) }}
{%- endif %}
{%- endmacro %}

{% macro sqlserver_beam_tables() -%}
create table #nodes (
    text_id bigint not null primary key,
    parent_id bigint not null,
    seq int not null,
    token_id int not null,
    log_probability float not null
);
create table #running (
    text_id bigint not null primary key,
    score float not null
);
{%- for table in ['#paths', '#next_paths'] %}
create table {{ table }} (
    text_id bigint not null,
    position int not null,
    source_id bigint not null,
    primary key (text_id, position)
);
{%- endfor %}
create table #continuations (
    parent_id bigint not null,
    token_id int not null,
    log_probability float not null,
    score float not null,
    primary key (parent_id, token_id)
);
create table #continued (
    place int not null primary key,
    parent_id bigint not null,
    token_id int not null,
    log_probability float not null,
    score float not null,
    is_finished bit not null
);
create table #finished (
    place bigint not null primary key,
    parent_id bigint not null,
    seq int not null,
    token_id int not null,
    log_probability float not null,
    score float not null
);
{%- endmacro %}

{#
  choose_ctes of sampling.sql on SQL Server: from #logits and @log_total to @token_id and
  @log_probability, by the parameters @temperature, @top_k, @top_p, @seed.

  An exponential that leaves the range of FLOAT is an error there: what is less than exp(-700) of the
  likeliest token's weight is nothing.
#}
{% macro sqlserver_sampling_tables() -%}
create table #candidates (
    rank int not null primary key,
    token_id int not null,
    logit real not null,
    weight float not null
);
declare @token_id int;
declare @log_probability float;
{%- endmacro %}

{% macro sqlserver_choose(settings, step) -%}
truncate table #candidates;
insert into #candidates (rank, token_id, logit, weight)
select
    ranked.rank,
    ranked.token_id,
    ranked.logit,
    case
        when ranked.logit = @highest then 1
        when ranked.logit - @highest < -700 * @temperature then 0
        else exp((ranked.logit - @highest) / @temperature)
    end as weight
from (
    select top (case when @temperature = 0 then 1 when @top_k > 0 then @top_k else {{ settings.vocabulary_size }} end)
        row_number() over (order by scored.logit desc, scored.token_id asc) as rank,
        scored.token_id,
        scored.logit
    from #logits as scored
    order by scored.logit desc, scored.token_id asc
) as ranked;

set @token_id = null;
select top (1)
    @token_id = nucleus.token_id,
    @log_probability = nucleus.logit - @log_total
from (
    select
        candidate.rank,
        candidate.token_id,
        candidate.logit,
        candidate.running,
        max(candidate.running) over () as kept
    from (
        select
            likely.rank,
            likely.token_id,
            likely.logit,
            likely.weight,
            sum(likely.weight) over (order by likely.rank rows unbounded preceding) as running,
            sum(likely.weight) over () as total
        from #candidates as likely
    ) as candidate
    where candidate.rank = 1 or candidate.running - candidate.weight < @top_p * candidate.total
) as nucleus
where nucleus.running > {{ hartonomous.random_number('@seed', step) }} * nucleus.kept
    or nucleus.running = nucleus.kept
order by nucleus.rank;
{%- endmacro %}

{# The first six bytes of the hash, as a number. #}
{% macro sqlserver__random_number(seed, step) -%}
(cast(substring(hashbytes('MD5', cast(concat({{ seed }}, ':', {{ step }}) as varchar(50))), 1, 6) as bigint) / 281474976710656e0)
{%- endmacro %}

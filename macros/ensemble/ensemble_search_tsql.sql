{#
  sp_EnsembleSearch on SQL Server. INSERT ... EXEC may not be nested, so that nobody could keep the rows
  of this procedure if it called those of the spaces: each space's rows are compared by vector_distance
  here, all of them, and the votes fused in a temporary table.
#}
{% macro sqlserver__ensemble_search(spaces, members) -%}
{%- set double = hartonomous.sql_type('double') -%}
{%- set key = hartonomous.sql_type('key') -%}
{{ hartonomous.check_parameters(required=['fusion'], filters=false) }}
{{ hartonomous.tsql_check_ensemble(spaces) }}

create table #member (
    member {{ key }} collate database_default not null primary key,
    weight {{ double }} not null,
    mean_similarity {{ double }} not null,
    sd_similarity {{ double }} null
);
insert into #member (member, weight, mean_similarity, sd_similarity)
select
    listed.member,
    listed.weight,
    listed.mean_similarity,
    nullif(listed.sd_similarity, 0) as sd_similarity
from {{ members }} as listed
where listed.weight > 0
    and (
        (listed.member = 'lexical' and @query_text is not null)
        or (listed.member <> 'lexical' and exists (
            select 1
            from openjson(@query_vectors) as entry
            where entry.[key] collate Latin1_General_100_BIN2 = listed.member collate Latin1_General_100_BIN2
        ))
    );
declare @total_weight {{ double }} = (select sum(counted.weight) from #member as counted);

create table #vote (
    member {{ key }} collate database_default not null,
    text_id {{ hartonomous.sql_type('hash') }} collate database_default not null,
    source_text {{ hartonomous.sql_type('text') }} collate database_default null,
    place int not null,
    similarity {{ double }} not null,
    primary key (member, text_id)
);
declare @depth int = iif(@top_k > {{ var('ensemble_depth') }}, @top_k, {{ var('ensemble_depth') }});
{%- for space in spaces %}
{{ hartonomous.tsql_space_votes(space, '@vector_' ~ loop.index0) }}
{%- endfor %}
{%- if hartonomous.searches_words() %}
{{ hartonomous.tsql_word_votes() }}
{%- endif %}

{{ hartonomous.sqlserver_returned_texts('votes', 'json') }}
insert into #returned (text_id, source_text, score, votes)
select top (@kept_k)
    fused.text_id,
    max(fused.source_text) as source_text,
    sum(fused.contribution) as score,
    concat('{', string_agg(concat(
        cast('"' as {{ hartonomous.sql_type('text') }}), fused.member, '":{"rank":', fused.place,
        ',"similarity":', convert(varchar(40), fused.similarity, 3),
        ',"contribution":', convert(varchar(40), fused.contribution, 3), '}'
    ), ',') within group (order by fused.member), '}') as votes
from (
    select
        vote.*,
        case @fusion
            when 'reciprocal_rank' then member.weight / (60 + vote.place)
            when 'weighted' then member.weight / @total_weight
                * coalesce((vote.similarity - member.mean_similarity) / member.sd_similarity, 0)
        end as contribution
    from #vote as vote
    inner join #member as member
        on member.member = vote.member
) as fused
group by fused.text_id
order by score desc, fused.text_id asc;

{{ hartonomous.sqlserver_return_texts('ensemble', spaces, {
    'top_k': '@top_k', 'fusion': '@fusion', 'weights': hartonomous.tsql_weights(),
}, 'votes', hartonomous.tsql_greatest_similarity(), text="coalesce(@query_text, '(vector)')") }}
{%- endmacro %}

{% macro tsql_weights() -%}
json_query((
    select concat('{', string_agg(concat('"', member.member, '":', convert(varchar(40), member.weight, 3)), ','), '}')
    from #member as member
))
{%- endmacro %}

{% macro tsql_greatest_similarity() -%}
(
    select case when max(vote.similarity) < 0 then 0 when max(vote.similarity) > 1 then 1 else max(vote.similarity) end
    from #vote as vote
    where vote.text_id = kept.text_id
)
{%- endmacro %}

{# Refuses, by THROW, what the table macro refuses by error(). #}
{% macro tsql_check_ensemble(spaces) -%}
{%- set known = spaces | map(attribute='space_id') | list -%}
set @problem = case
    when @fusion not in ('reciprocal_rank', 'weighted')
        then concat('unknown fusion ', @fusion, '; use reciprocal_rank or weighted')
    when @query_vectors is not null and (isjson(@query_vectors) = 0 or left(ltrim(@query_vectors), 1) <> '{')
        then 'query_vectors must be a JSON object of space_id: [numbers]'
end;
if @problem is not null throw 50000, @problem, 1;
set @problem = (
    select concat(
        'query_vectors: unknown space ', string_agg(entry.[key], ', '),
        {{ hartonomous.text_literal('; there is ' ~ known | join(', ')) }}
    )
    from openjson(@query_vectors) as entry
    where entry.[key] collate Latin1_General_100_BIN2 not in (
        {%- for space_id in known %}{{ hartonomous.text_literal(space_id) }}{{ ', ' if not loop.last }}{% endfor -%}
    )
    having count(*) > 0
);
if @problem is not null throw 50000, @problem, 1;
set @problem = (
    select concat('query_vectors: no array of numbers is that of ', string_agg(entry.[key], ', '))
    from openjson(@query_vectors) as entry
    where entry.[type] <> 4
    having count(*) > 0
);
if @problem is not null throw 50000, @problem, 1;
if @query_text is null and not exists (select 1 from openjson(@query_vectors))
    throw 50000, 'nobody votes: query_vectors names no space, and query_text is NULL', 1;
{%- endmacro %}

{% macro tsql_space_votes(space, vector) %}
declare {{ vector }} {{ hartonomous.sql_type('vector', space.dimension) }} = (
    select cast(entry.value as {{ hartonomous.sql_type('vector', space.dimension) }})
    from openjson(@query_vectors) as entry
    where entry.[key] collate Latin1_General_100_BIN2 = {{ hartonomous.text_literal(space.space_id) }}
);
if {{ vector }} is not null
    insert into #vote (member, text_id, source_text, place, similarity)
    select
        {{ hartonomous.text_literal(space.space_id) }} as member,
        found.text_id,
        found.source_text,
        row_number() over (order by found.distance, found.embedding_id) as place,
        {{ hartonomous.similarity_by("'" ~ space.metric ~ "'", 'found.distance') | indent(8) }} as similarity
    from (
        select top (@depth)
            scored.embedding_id,
            scored.text_id,
            scored.source_text,
            scored.distance
        from (
            select
                embedding.embedding_id,
                embedding.text_id,
                embedding.source_text,
                {{ hartonomous.vector_distance(space.metric, 'embedding.embedding', vector) }} as distance
            from {{ ref('embeddings' ~ space.suffix) }} as embedding
            where {{ hartonomous.is_landed(space, 'embedding') | indent(16) }}
        ) as scored
        order by scored.distance, scored.embedding_id
    ) as found;
{%- endmacro %}

{% macro tsql_word_votes() %}
{{ hartonomous.tsql_asked_words() }}
with {{ hartonomous.bm25_ctes('#asked_word') }},

{{ hartonomous.nearest_by_words('@depth') }}

insert into #vote (member, text_id, source_text, place, similarity)
select
    'lexical' as member,
    nearest.text_id,
    landed.text as source_text,
    row_number() over (order by nearest.score desc, nearest.text_id asc) as place,
    nearest.similarity
from nearest
inner join {{ source('raw', 'texts') }} as landed
    on landed.text_id = nearest.text_id;
{%- endmacro %}

{#
  sp_CellSearch and what it shares with sp_VectorSearch. Each step fills a temporary table, so that the
  next one knows how many rows there are and nothing is computed twice; the question's words
  and weights are computed once. Fabric Warehouse: fabric_search_tsql.sql.
#}
{% macro sqlserver__cell_search(settings, training, served) -%}
{{ hartonomous.check_parameters(filters=false) }}
{{ hartonomous.sqlserver_read_setting(settings) }}
set @reach = coalesce(@reach, case when @probes is null then {{ hartonomous.tsql_grown_reach('@tuned_reach') }} end);
set @probes = coalesce(@probes, {{ hartonomous.tsql_grown_probes('@tuned_probes') }});
set @candidates = coalesce(@candidates, {{ hartonomous.tsql_grown_candidates('@cells_candidates') }});
{{ hartonomous.tsql_check_search() }}
set @candidates = greatest(@candidates, @top_k);

{{ hartonomous.sqlserver_search_tables(training, settings) }}
{{ hartonomous.sqlserver_returned_table() }}
if exists (select 1 from {{ ref('cells' ~ settings.suffix) }})
begin
    {{ hartonomous.sqlserver_ask(training, settings) | indent(4) }}
    {{ hartonomous.sqlserver_probe(settings) | indent(4) }}
    {{ hartonomous.sqlserver_find_candidates(training, settings, hartonomous.sqlserver_probed_codes(settings)) | indent(4) }}
    {{ hartonomous.sqlserver_answer(settings, by_candidates=true) | indent(4) }}
end
else
begin
    -- a space that is too small to have cells is compared whole
    {{ hartonomous.sqlserver_answer(settings, by_candidates=false) | indent(4) }}
end

{{ hartonomous.sqlserver_return('cells', settings, {
    'top_k': '@top_k', 'probes': '@probes', 'candidates': '@candidates', 'reach': '@reach',
}, ['similarity']) }}
{%- endmacro %}

{% macro tsql_check_search() -%}
set @problem = case
    when @probes < 1 then concat('probes must be 1 or more; it is ', @probes)
    when @candidates < 1 then concat('candidates must be 1 or more; it is ', @candidates)
    when @reach < 0 then concat('reach must be 0 or more; it is ', @reach)
end;
if @problem is not null throw 50000, @problem, 1;
{%- endmacro %}

{# Made once, whichever path fills them: a procedure may not create a temporary table in two places. #}
{% macro sqlserver_search_tables(training, settings) -%}
create table #question (
    query_id int not null primary key,
    {%- if settings.metric != 'cosine' %}
    norm float not null,
    {%- endif %}
    {%- for column in hartonomous.tsql_question_columns(training, settings) %}
    {{ column }} {{ 'float' if column == 'full_weight' else 'bigint' }} not null{{ ',' if not loop.last }}
    {%- endfor %}
);
create table #probed (cell int not null primary key);
create table #candidates (embedding_id int not null primary key);
{%- endmacro %}

{# Fills #question, of one row. #}
{% macro sqlserver_ask(training, settings) -%}
{%- set asked = '(\n    select\n        0 as query_id,\n        cast(@query_vector as nvarchar(max)) as vector,\n        '
    ~ 'cast(@query_vector as ' ~ hartonomous.sql_type('vector', settings.dimension) ~ ') as embedding\n)' -%}
{%- set columns = hartonomous.tsql_question_columns(training, settings) -%}
insert into #question (query_id, {{ 'norm, ' if settings.metric != 'cosine' }}{{ columns | join(', ') }})
select
    words.query_id,
    {%- if settings.metric != 'cosine' %}
    {{ hartonomous.vector_norm('@query_vector') }} as norm,
    {%- endif %}
    {%- for column in columns %}
    words.{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ hartonomous.tsql_question_words(asked, ['query_id'], training, settings) }} as words;
{%- endmacro %}

{# Fills #probed. #}
{% macro sqlserver_probe(settings) -%}
{%- set measured -%}
select
    cell.cell,
    {{ hartonomous.probe_distance(settings, 'cell.embedding', '@query_vector') }} as distance
from {{ ref('cells' ~ settings.suffix) }} as cell
{%- endset -%}
insert into #probed (cell)
{{ hartonomous.tsql_probed_cells(measured) }};
{%- endmacro %}

{# The @probes nearest of the measured cells (cell, distance), or those of them within @reach of the fourth nearest. #}
{% macro tsql_probed_cells(measured) -%}
select top (@probes) near.cell
from (
    select
        placed.cell,
        placed.distance,
        {{ hartonomous.reach_base('placed') }} as reach_base
    from (
        select
            measured.cell,
            measured.distance,
            row_number() over (order by measured.distance, measured.cell) as place
        from (
            {{ measured | indent(12) }}
        ) as measured
    ) as placed
) as near
where @reach is null or near.distance - near.reach_base <= @reach
order by near.distance, near.cell
{%- endmacro %}

{# What a reach counts from: the distance of the fourth nearest cell (`reach_from`), or the farthest of fewer. #}
{% macro reach_base(placed, partition='') -%}
max(case when {{ placed }}.place <= {{ var('reach_from') }} then {{ placed }}.distance end) over ({{ partition }})
{%- endmacro %}

{% macro sqlserver_probed_codes(settings) -%}
from #probed as probed
inner join {{ ref('cell_codes' ~ settings.suffix) }} as coded
    on coded.cell = probed.cell
cross join #question as question
{%- endmacro %}

{# Fills #candidates with @candidates rows of the codes of `source` (compared_codes). #}
{% macro sqlserver_find_candidates(training, settings, source) -%}
insert into #candidates (embedding_id)
{{ hartonomous.tsql_candidates(training, settings, source, '#question as question', '@candidates') }};
{%- endmacro %}

{# The rows that pass both steps, in a SELECT. Rows that differ alike are taken by their number. #}
{% macro tsql_candidates(training, settings, source, question, candidates) -%}
select top ({{ candidates }}) shortlist.embedding_id
from (
    select top ({{ var('shortlist_factor') }} * cast({{ candidates }} as bigint))
        compared.embedding_id,
        {%- if settings.metric != 'cosine' %}
        compared.norm,
        {%- endif %}
        {%- for word in range(training.words) %}
        compared.differing_{{ word }},
        {%- endfor %}
        compared.difference
    from {{ hartonomous.compared_codes(training, settings, ['embedding_id'], source) | indent(4) }} as compared
    {{ 'cross join ' ~ question if settings.metric != 'cosine' }}
    order by {{ hartonomous.code_order(settings, training, 'compared', 'question') }}, compared.embedding_id
) as shortlist
cross join {{ question }}
group by shortlist.embedding_id
order by
    min({{ hartonomous.weighted_order(settings, training, 'shortlist', 'question') | indent(4) }}),
    shortlist.embedding_id
{%- endmacro %}

{# Into #returned: the candidates, or all rows, in the order of their full vectors. #}
{% macro sqlserver_answer(settings, by_candidates, recall=none, condition=none) -%}
insert into #returned (embedding_id, source_text, distance, similarity{{ ', recall_estimate' if recall }})
select top (@kept_k)
    answer.embedding_id,
    answer.source_text,
    answer.distance,
    {{ hartonomous.similarity_by("'" ~ settings.metric ~ "'", 'answer.distance') | indent(4) }} as similarity
    {%- if recall %},
    {{ recall }} as recall_estimate
    {%- endif %}
from (
    select
        embedding.embedding_id,
        embedding.source_text,
        {{ hartonomous.vector_distance(settings.metric, 'embedding.embedding', '@query_vector') }} as distance
    from {{ ref('embeddings' ~ settings.suffix) }} as embedding
    {%- if by_candidates %}
    inner join #candidates as candidate
        on candidate.embedding_id = embedding.embedding_id
    {%- endif %}
    where {{ hartonomous.is_landed(settings, 'embedding') | indent(4) }}
) as answer
{%- if condition %}
where {{ condition }}
{%- endif %}
order by answer.distance, answer.embedding_id;
{%- endmacro %}

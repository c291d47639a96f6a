{#
  sp_HybridSearch: hybrid_search.sql in T-SQL. The candidates are fetched here and not by INSERT ... EXEC
  of other procedures, which may not be nested: nobody could then keep the rows of this one.
#}
{% macro sqlserver__hybrid_search(settings, training, served) %}
    {%- set embeddings = ref('embeddings' ~ settings.suffix) -%}
    {%- set codes = ref('cell_codes' ~ settings.suffix) -%}
    {{- hartonomous.check_parameters(
        counts=['spatial_candidates', 'final_top_k'],
        required=['query_vector', 'query_spatial_x', 'query_spatial_y', 'query_spatial_z'],
    ) }}
{{ hartonomous.sqlserver_nearest_positions(settings, embeddings, '@spatial_candidates') }}

declare @candidates int = @spatial_candidates;
{{ hartonomous.sqlserver_search_tables(training, settings) }}
{{ hartonomous.sqlserver_returned_table('@final_top_k') }}
create table #found (
    embedding_id int not null primary key,
    spatial_distance float null,
    code_difference float null
);
insert into #found (embedding_id, spatial_distance)
select top (@spatial_candidates)
    reached.embedding_id,
    reached.distance
from #reached as reached
order by reached.distance, reached.embedding_id;

if exists (select 1 from {{ codes }})
begin
    {{ hartonomous.sqlserver_ask(training, settings) | indent(4) }}
    if @filters is null
    begin
        {{ hartonomous.sqlserver_find_candidates(
            training, settings, 'from ' ~ codes ~ ' as coded\ncross join #question as question\nwhere coded.is_home = 1'
        ) | indent(8) }}
    end
    else
    begin
        -- where there are filters, #reached holds every row that passes
        {{ hartonomous.sqlserver_find_candidates(
            training, settings, 'from #reached as reached\ninner join ' ~ codes
            ~ ' as coded\n    on coded.embedding_id = reached.embedding_id\ncross join #question as question\nwhere coded.is_home = 1'
        ) | indent(8) }}
    end

    insert into #found (embedding_id)
    select candidate.embedding_id
    from #candidates as candidate
    where candidate.embedding_id not in (select known.embedding_id from #found as known);

    update found
    set code_difference = {{ hartonomous.weighted_difference(training, 'compared', 'question') | indent(4) }}
    from #found as found
    inner join {{ hartonomous.compared_codes(training, settings, ['embedding_id'],
        'from #candidates as candidate\ninner join ' ~ codes
        ~ ' as coded\n    on coded.embedding_id = candidate.embedding_id\ncross join #question as question\nwhere coded.is_home = 1'
    ) | indent(4) }} as compared
        on compared.embedding_id = found.embedding_id
    cross join #question as question;
end

insert into #returned (embedding_id, source_text, distance, similarity, spatial_distance, code_difference)
select top (@kept_k)
    scored.embedding_id,
    scored.source_text,
    scored.distance,
    {{ hartonomous.similarity_by("'" ~ settings.metric ~ "'", 'scored.distance') | indent(4) }} as similarity,
    scored.spatial_distance,
    scored.code_difference
from (
    select
        embedding.embedding_id,
        embedding.source_text,
        {{ hartonomous.vector_distance(settings.metric, 'embedding.embedding', '@query_vector') }} as distance,
        found.spatial_distance,
        found.code_difference
    from #found as found
    inner join {{ embeddings }} as embedding
        on embedding.embedding_id = found.embedding_id
    where {{ hartonomous.is_landed(settings, 'embedding') | indent(4) }}
) as scored
order by scored.distance, scored.embedding_id;

{{ hartonomous.sqlserver_return('hybrid', settings, {
    'top_k': '@final_top_k', 'candidates': '@spatial_candidates', 'filters': '@filters',
}, ['similarity', 'spatial_distance', 'code_difference'], top_k='@final_top_k') }}
{% endmacro %}

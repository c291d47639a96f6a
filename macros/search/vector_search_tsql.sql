{#
  sp_VectorSearch @query_vector, @top_k, @filters, @max_distance: vector_search.sql as one procedure
  that has all paths and takes the one that the last tuning chose. Filtered searches find the
  passing rows first; where there are few, or where the space is searched exactly anyway, all of
  them are compared in full. Fabric Warehouse: fabric_search_tsql.sql.
#}
{% macro sqlserver__vector_search(settings, training, served) -%}
{%- set near_enough = '@max_distance is null or answer.distance <= @max_distance' -%}
{%- set codes = ref('cell_codes' ~ settings.suffix) -%}
{{ hartonomous.check_parameters() }}
{{ hartonomous.sqlserver_read_setting(settings) }}
declare @probes int = {{ hartonomous.tsql_grown_probes('@tuned_probes') }};
declare @reach float = {{ hartonomous.tsql_grown_reach('@tuned_reach') }};
declare @candidates int = {{ hartonomous.tsql_grown_candidates('@tuned_candidates') }};

{{ hartonomous.sqlserver_search_tables(training, settings) }}
{{ hartonomous.sqlserver_returned_table() }}
create table #passing (embedding_id int not null primary key);
if @filters is not null
begin
    insert into #passing (embedding_id)
    {{ hartonomous.sqlserver_passing_rows(settings) | indent(4) }};
    if @path = 'exact' or (select count(*) from #passing) <= {{ var('filtered_exact_rows') }}
    begin
        set @path = 'passing';
        set @recall = 1;
        insert into #candidates (embedding_id)
        select passing.embedding_id
        from #passing as passing;
    end
    else
    begin
        set @path = 'passing codes';
        set @recall = @codes_recall;
        set @candidates = {{ hartonomous.tsql_grown_candidates('@codes_candidates') }};
        set @candidates = greatest(@candidates, {{ var('filtered_exact_rows') }});
    end
end

if @path not in ('exact', 'passing')
begin
    {{ hartonomous.sqlserver_ask(training, settings) | indent(4) }}
end
if @path = 'cells'
begin
    {{ hartonomous.sqlserver_probe(settings) | indent(4) }}
    {{ hartonomous.sqlserver_find_candidates(training, settings, hartonomous.sqlserver_probed_codes(settings)) | indent(4) }}
end
if @path = 'codes'
begin
    {{ hartonomous.sqlserver_find_candidates(
        training, settings, 'from ' ~ codes ~ ' as coded\ncross join #question as question\nwhere coded.is_home = 1'
    ) | indent(4) }}
end
if @path = 'passing codes'
begin
    {{ hartonomous.sqlserver_find_candidates(
        training, settings, 'from #passing as passing\ninner join ' ~ codes
        ~ ' as coded\n    on coded.embedding_id = passing.embedding_id\ncross join #question as question\nwhere coded.is_home = 1'
    ) | indent(4) }}
end

if @path = 'exact'
begin
    {{ hartonomous.sqlserver_answer(settings, by_candidates=false, recall='@recall', condition=near_enough) | indent(4) }}
end
else
begin
    {{ hartonomous.sqlserver_answer(settings, by_candidates=true, recall='@recall', condition=near_enough) | indent(4) }}
end

{{ hartonomous.sqlserver_return('auto', settings, {
    'top_k': '@top_k', 'filters': '@filters', 'max_distance': '@max_distance', 'path': '@path',
}, ['similarity', 'recall_estimate']) }}
{%- endmacro %}

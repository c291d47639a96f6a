{#
  vector_index_search(query_vector, top_k, filters): the engine's approximate index, by the space's
  own metric. HNSW in DuckDB, DiskANN in SQL Server.

  With filters DuckDB compares the passing rows exactly: HNSW knows no filters and would return too
  few rows. `filters is null` is known when the statement is planned, so only one branch runs.
  Above vector_index_max_rows, where no index is built, the same statement scans. So it does in
  SQL Server (exact comparison, with a warning), where no index was built for want of rows.
#}
{% macro vector_index_search(space=none) %}
    {{ hartonomous.only_where('vector_index') }}
    {%- set settings = hartonomous.space_settings(space) -%}
    {{ hartonomous.callable('sp_VectorIndexSearch' ~ settings.suffix, [
        {'name': 'query_vector', 'type': 'vector'},
        {'name': 'top_k', 'type': 'int', 'default': 10},
        {'name': 'filters', 'type': 'json', 'default': none},
    ], space) }}
    {{ adapter.dispatch('vector_index_search', 'hartonomous')(settings) }}
{% endmacro %}

{% macro duckdb__vector_index_search(settings) %}
    {%- set embeddings = ref('embeddings' ~ settings.suffix) -%}
    {%- set vector = hartonomous.to_vector('query_vector', settings.dimension) -%}
    {%- set distance = hartonomous.vector_distance(settings.metric, 'candidate.embedding', vector) -%}
    {%- set similarity = hartonomous.similarity_by("'" ~ settings.metric ~ "'", 'answer.distance') -%}
with {{ hartonomous.duckdb_index_ctes(settings, vector, 'unfiltered') }},

filtered as (
    select candidate.embedding_id, candidate.source_text, {{ distance }} as distance
    from {{ embeddings }} as candidate
    where filters is not null
        and {{ hartonomous.is_landed(settings, 'candidate') | indent(8) }}
        and {{ hartonomous.passes_filters('candidate', 'filters') | indent(8) }}
    order by distance, candidate.embedding_id
    limit top_k
),

answer as (
    select * from unfiltered where filters is null
    union all
    select * from filtered
)

select
    answer.embedding_id,
    answer.source_text,
    answer.distance,
    {{ similarity }} as similarity
from answer
order by answer.distance, answer.embedding_id
limit top_k
{% endmacro %}

{% macro default__vector_index_search(settings) %}
    {% do return(hartonomous.unsupported('vector_index_search')) %}
{% endmacro %}

{#
  The var vector_search_form says which of two forms the server has; an index of the newer version
  refuses TOP_N (Msg 42274), the older one knows no other form. Filters apply after the older form
  has chosen its rows, so filtered searches compare the passing rows exactly in both, and some rows
  more are asked for, of which removed ones are left out.
  https://learn.microsoft.com/sql/t-sql/functions/vector-search-transact-sql
#}
{% macro sqlserver__vector_index_search(settings) %}
    {%- set embeddings = ref('embeddings' ~ settings.suffix) -%}
    {{- hartonomous.check_parameters() }}
{{ hartonomous.sqlserver_returned_table() }}
{%- if var('vector_index') %}
    {%- if var('vector_search_form') == 'top_n' %}
declare @indexed_k int = @kept_k + 20;
    {%- endif %}
if @filters is null
    insert into #returned (embedding_id, source_text, distance, similarity)
    {{ hartonomous.sqlserver_indexed_neighbors(settings, embeddings) | indent(4) }}
else
{%- endif %}
    insert into #returned (embedding_id, source_text, distance, similarity)
    select top (@kept_k)
        answer.embedding_id,
        answer.source_text,
        answer.distance,
        {{ hartonomous.similarity_by("'" ~ settings.metric ~ "'", 'answer.distance') | indent(8) }} as similarity
    from (
        select
            candidate.embedding_id,
            candidate.source_text,
            {{ hartonomous.vector_distance(settings.metric, 'candidate.embedding', '@query_vector') }} as distance
        from {{ embeddings }} as candidate
        where {{ hartonomous.is_landed(settings, 'candidate') | indent(12) }}
            and {{ hartonomous.passes_filters('candidate', '@filters') | indent(12) }}
    ) as answer
    order by answer.distance, answer.embedding_id;

{{ hartonomous.sqlserver_return('index', settings, {'top_k': '@top_k', 'filters': '@filters'}, ['similarity']) }}
{% endmacro %}

{# In the newer form nothing but the distance may stand in ORDER BY. #}
{% macro sqlserver_indexed_neighbors(settings, embeddings) -%}
    {%- set form = var('vector_search_form') -%}
    {%- if form not in ['top_n', 'approximate'] -%}
        {% do exceptions.raise_compiler_error(
            'hartonomous: the var vector_search_form is top_n (SQL Server 2025) or approximate '
            ~ '(Azure SQL DB, SQL database in Fabric); it is ' ~ form
        ) %}
    {%- endif -%}
select top (@kept_k) {{- ' with approximate' if form == 'approximate' }}
    candidate.embedding_id,
    candidate.source_text,
    found.distance,
    {{ hartonomous.similarity_by("'" ~ settings.metric ~ "'", 'found.distance') | indent(4) }} as similarity
from vector_search(
    table = {{ embeddings }} as candidate,
    column = embedding,
    similar_to = @query_vector,
    metric = '{{ settings.metric }}'
    {{- ',\n    top_n = @indexed_k' if form == 'top_n' }}
) as found
where {{ hartonomous.is_landed(settings, 'candidate') }}
order by found.distance{{ ', candidate.embedding_id' if form == 'top_n' }};
{%- endmacro %}

{#
  neighbors(of_embedding, top_k): the rows nearest to a row of the space, itself left out, by the path
  that vector_search takes. Returns embedding_id, source_text, distance, similarity, recall_estimate.
  T-SQL: sp_Neighbors.
#}
{% macro neighbors(space=none) %}
    {{ hartonomous.only_where('vector') }}
    {%- set settings = hartonomous.space_settings(space) -%}
    {%- set served = hartonomous.served_setting(space) -%}
    {%- do hartonomous.searched_tables(settings) -%}
    {{ hartonomous.callable('sp_Neighbors' ~ settings.suffix, [
        {'name': 'of_embedding', 'type': 'int'},
        {'name': 'top_k', 'type': 'int', 'default': 10},
    ], space) }}
    {{ adapter.dispatch('neighbors', 'hartonomous')(settings, hartonomous.space_training(space), served) }}
{% endmacro %}

{% macro duckdb__neighbors(settings, training, served) -%}
{%- set row = '(\n    select 0 as query_id, stored.embedding\n    from ' ~ ref('embeddings' ~ settings.suffix)
    ~ ' as stored\n    where stored.embedding_id = of_embedding\n)' -%}
{%- if served.path == 'exact' -%}
with question as (
    select asked.embedding
    from {{ row | indent(4) }} as asked
),

answer as (
    select
        embedding.embedding_id,
        embedding.source_text,
        {{ hartonomous.vector_distance(settings.metric, 'embedding.embedding', 'question.embedding') }} as distance
    from {{ ref('embeddings' ~ settings.suffix) }} as embedding
    cross join question
    where {{ hartonomous.is_landed(settings, 'embedding') | indent(8) }}
)
{%- else -%}
with {{ hartonomous.question_ctes(row, ['query_id'], training, settings) }},

{{ hartonomous.duckdb_candidate_ctes(
    settings, training,
    none if served.path == 'codes' else hartonomous.probes_for('top_k', served),
    '1 + ' ~ hartonomous.candidates_for('top_k', served),
) }},

{{ hartonomous.duckdb_answer_ctes(settings) }}
{%- endif %}

{{ hartonomous.duckdb_ranked_answer(settings, served.recall, 'answer.embedding_id <> of_embedding') }}
{%- endmacro %}

{% macro default__neighbors(settings, training, served) %}
    {% do return(hartonomous.unsupported('neighbors')) %}
{% endmacro %}

{# The row itself may be missing from its own answer, where another row is as near. #}
{% macro sqlserver__neighbors(settings, training, served) %}
    {{- hartonomous.check_parameters(required=['of_embedding'], filters=false) }}
declare @query_vector {{ hartonomous.sql_type('vector', settings.dimension) }} = (
    select stored.embedding
    from {{ ref('embeddings' ~ settings.suffix) }} as stored
    where stored.embedding_id = @of_embedding
);
declare @wanted int = @top_k + 1;
create table #answer (
    embedding_id int not null,
    source_text {{ hartonomous.sql_type('text') }} null,
    distance float null,
    similarity float null,
    recall_estimate float null
);
if @query_vector is not null
    insert into #answer (embedding_id, source_text, distance, similarity, recall_estimate)
    exec {{ hartonomous.sibling_procedure('vector_search', 'sp_VectorSearch', settings) }} @query_vector = @query_vector, @top_k = @wanted;

select top (@top_k)
    answer.embedding_id,
    answer.source_text,
    answer.distance,
    answer.similarity,
    answer.recall_estimate
from #answer as answer
where answer.embedding_id <> @of_embedding
order by answer.distance, answer.embedding_id;
{% endmacro %}

{# Another callable of the space, by the name that it has in the database. #}
{% macro sibling_procedure(model_name, procedure, settings) -%}
    {{ ref(model_name ~ settings.suffix) }}
{%- endmacro %}

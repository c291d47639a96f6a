{#
  batch_search(relation_name, top_k): the nearest rows of every query of a table or view with the columns
  query_id and embedding, in one statement: (query_id, embedding_id, source_text, distance,
  similarity, recall_estimate). For many queries that costs far less than as many calls: cells and
  vectors are read once. T-SQL: sp_BatchSearch, which takes the queries as a JSON array of objects
  {"query_id": 1, "embedding": [0.1, ...]}, since a procedure cannot be given a table's name.
#}
{% macro batch_search(space=none) %}
    {{ hartonomous.only_where('vector') }}
    {%- set settings = hartonomous.space_settings(space) -%}
    {%- set served = hartonomous.served_setting(space) -%}
    {%- do hartonomous.searched_tables(settings) -%}
    {{ hartonomous.callable('sp_BatchSearch' ~ settings.suffix, [
        {'name': 'relation_name', 'type': 'json', 'procedure_name': 'queries'},
        {'name': 'top_k', 'type': 'int', 'default': 10},
    ], space) }}
    {{ adapter.dispatch('batch_search', 'hartonomous')(settings, hartonomous.space_training(space), served) }}
{% endmacro %}

{% macro duckdb__batch_search(settings, training, served) -%}
{%- set suffix = settings.suffix -%}
{%- set asked = '(\n    select asked.query_id, cast(asked.embedding as float[' ~ settings.dimension ~ ']) as embedding\n    from query_table(relation_name) as asked\n)' -%}
{%- if served.path == 'exact' -%}
with question as materialized (
    select asked.query_id, asked.embedding
    from {{ asked | indent(4) }} as asked
),

pair as (
    select question.query_id, embedding.embedding_id
    from {{ ref('embeddings' ~ suffix) }} as embedding
    cross join question
),
{%- else -%}
with {{ hartonomous.question_ctes(asked, ['query_id'], training, settings) }},

{% if served.path == 'cells' -%}
probed as materialized (
    select
        near.query_id,
        unnest(list_filter(
            near.cells,
            lambda place: coalesce(place.distance - near.cells[{{ var('reach_from') }}].distance <= {{ hartonomous.reach_for('top_k', served) }}, true)
        )).cell as cell
    from (
        select
            measured.query_id,
            min_by({'cell': measured.cell, 'distance': measured.distance}, measured.distance, {{ hartonomous.probes_for('top_k', served) }}) as cells
        from (
            select
                question.query_id,
                cell.cell,
                {{ hartonomous.probe_distance(settings, 'cell.embedding', 'question.embedding') }} as distance
            from {{ ref('cells' ~ suffix) }} as cell
            cross join question
        ) as measured
        group by measured.query_id
    ) as near
),
{%- endif %}

shortlist as materialized (
    select
        compared.query_id,
        unnest(min_by(
            compared,
            {{ hartonomous.code_order(settings, training, 'compared', 'compared') }},
            {{ var('shortlist_factor') }} * {{ hartonomous.candidates_for('top_k', served) }}
        )) as compared
    from {{ hartonomous.compared_codes(
        training, settings, ['question.query_id', 'embedding_id'] + (['question.norm as question_norm'] if settings.metric == 'euclidean' else []),
        'from ' ~ ref('cell_codes' ~ suffix) ~ ' as coded\n' ~ (
            'inner join probed\n    on probed.cell = coded.cell\ninner join question\n    on question.query_id = probed.query_id'
            if served.path == 'cells' else 'cross join question\nwhere coded.is_home'
        ),
    ) | indent(4) }} as compared
    group by compared.query_id
),

pair as materialized (
    select
        weighed.query_id,
        unnest(min_by(weighed.embedding_id, weighed.difference, {{ hartonomous.candidates_for('top_k', served) }})) as embedding_id
    from (
        select
            question.query_id,
            shortlist.compared.embedding_id as embedding_id,
            min({{ hartonomous.weighted_order(settings, training, 'shortlist.compared', 'question') | indent(12) }}) as difference
        from shortlist
        inner join question
            on question.query_id = shortlist.query_id
        group by question.query_id, shortlist.compared.embedding_id
    ) as weighed
    group by weighed.query_id
),
{%- endif %}

answer as (
    select
        pair.query_id,
        embedding.embedding_id,
        embedding.source_text,
        {{ hartonomous.vector_distance(settings.metric, 'embedding.embedding', 'question.embedding') }} as distance
    from pair
    inner join question
        on question.query_id = pair.query_id
    inner join {{ ref('embeddings' ~ suffix) }} as embedding
        on embedding.embedding_id = pair.embedding_id
    where {{ hartonomous.is_landed(settings, 'embedding') | indent(8) }}
)

select
    answer.query_id,
    answer.embedding_id,
    answer.source_text,
    answer.distance,
    {{ hartonomous.similarity_by("'" ~ settings.metric ~ "'", 'answer.distance') | indent(4) }} as similarity,
    cast({{ served.recall }} as double) as recall_estimate
from answer
qualify row_number() over (partition by answer.query_id order by answer.distance, answer.embedding_id) <= top_k
order by answer.query_id, answer.distance, answer.embedding_id
{%- endmacro %}

{% macro default__batch_search(settings, training, served) %}
    {% do return(hartonomous.unsupported('batch_search')) %}
{% endmacro %}

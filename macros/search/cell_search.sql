{#
  cell_search(query_vector, top_k, probes, candidates, reach): the nearest vectors among the rows of the
  nearest cells. In four steps, each over fewer rows: the `probes` cells whose centroids are nearest,
  with `reach` only those that are at most that much farther than the fourth nearest (`reach_from`); of
  their rows the shortlist by differing bits (shortlist_factor for each candidate); of those the
  `candidates` by weighted bits; those in the order of their full vectors.

  What is NULL is what the build's tuning chose of the cells' settings (cells_* of the model
  search_settings), also where vector_search goes another way, and grows with top_k; with probes and
  without a reach, all those cells are probed. vector_search is what people call; this one is for who
  wants to set the numbers. A space that is too small to have cells is compared whole.

  Returns embedding_id, source_text, distance, similarity, nearest first; ties by embedding_id.
#}
{% macro cell_search(space=none) %}
    {%- set settings = hartonomous.space_settings(space) -%}
    {%- set served = hartonomous.served_setting(space) -%}
    {%- do hartonomous.searched_tables(settings) -%}
    {{ hartonomous.callable('sp_CellSearch' ~ settings.suffix, [
        {'name': 'query_vector', 'type': 'vector'},
        {'name': 'top_k', 'type': 'int', 'default': 10},
        {'name': 'probes', 'type': 'int', 'default': none},
        {'name': 'candidates', 'type': 'int', 'default': none},
        {'name': 'reach', 'type': 'double', 'default': none},
    ], space) }}
    {{ adapter.dispatch('cell_search', 'hartonomous')(settings, hartonomous.space_training(space), served) }}
{% endmacro %}

{# A default would be fixed when the project is parsed, before the tuning: NULL stands for what it chose. #}
{% macro duckdb__cell_search(settings, training, served) -%}
{%- set asked = hartonomous.duckdb_asked_vector(settings) -%}
{%- set tuned = served.cells -%}
{%- if training.cells | int == 0 -%}
with {{ hartonomous.duckdb_exact_ctes(settings, asked) }}
{%- else -%}
with {{ hartonomous.question_ctes(asked, ['query_id'], training, settings) }},

{{ hartonomous.duckdb_candidate_ctes(
    settings, training,
    'coalesce(probes, ' ~ hartonomous.probes_for('top_k', tuned) ~ ')',
    'greatest(coalesce(candidates, ' ~ hartonomous.candidates_for('top_k', tuned) ~ '), top_k)',
    reach='coalesce(reach, case when probes is null then ' ~ hartonomous.reach_for('top_k', tuned) ~ ' end)',
) }},

{{ hartonomous.duckdb_answer_ctes(settings) }}
{%- endif %}

select
    answer.embedding_id,
    answer.source_text,
    answer.distance,
    {{ hartonomous.similarity_by("'" ~ settings.metric ~ "'", 'answer.distance') | indent(4) }} as similarity
from answer
order by answer.distance, answer.embedding_id
limit top_k
{%- endmacro %}

{# CTE `candidate` (embedding_id, difference) from `question`; probes none: from the codes of all rows, or of those
   that the condition, on `coded`, lets pass. A reach that is NULL is without bounds. #}
{% macro duckdb_candidate_ctes(settings, training, probes, candidates, condition=none, reach='null') -%}
{%- set suffix = settings.suffix -%}
{%- if probes is not none %}
probed as materialized (
    select near.cell
    from (
        select
            cell.cell,
            {{ hartonomous.probe_distance(settings, 'cell.embedding', 'question.embedding') }} as distance
        from {{ ref('cells' ~ suffix) }} as cell
        cross join question
        order by distance
        limit {{ probes }}
    ) as near
    qualify coalesce(near.distance - nth_value(near.distance, {{ var('reach_from') }}) over (
        order by near.distance rows between unbounded preceding and unbounded following
    ) <= {{ reach }}, true)
),
{% endif %}
shortlist as materialized (
    select compared.*
    from {{ hartonomous.compared_codes(training, settings, ['embedding_id'],
        'from ' ~ ref('cell_codes' ~ suffix) ~ ' as coded\ncross join question\nwhere '
        ~ ('coded.cell in (select probed.cell from probed)' if probes is not none else hartonomous.is_true('coded.is_home') ~ ('\n    and ' ~ condition if condition else ''))
    ) | indent(4) }} as compared
    {{ 'cross join question' if settings.metric != 'cosine' }}
    order by {{ hartonomous.code_order(settings, training, 'compared', 'question') }}
    limit {{ var('shortlist_factor') }} * {{ candidates }}
),

candidate as materialized (
    select
        shortlist.embedding_id,
        min({{ hartonomous.weighted_order(settings, training, 'shortlist', 'question') | indent(8) }}) as difference
    from shortlist
    cross join question
    group by shortlist.embedding_id
    order by difference
    limit {{ candidates }}
)
{%- endmacro %}

{# A row of a cell is near in direction, or in place: the distance that k-means made cells by. #}
{% macro probe_distance(settings, centroid, vector) -%}
    {{ hartonomous.vector_distance('euclidean' if settings.metric == 'euclidean' else 'cosine', centroid, vector) }}
{%- endmacro %}

{# CTE `answer` (embedding_id, source_text, distance) from `candidate` and `question`. #}
{% macro duckdb_answer_ctes(settings) -%}
answer as (
    select
        embedding.embedding_id,
        embedding.source_text,
        {{ hartonomous.vector_distance(settings.metric, 'embedding.embedding', 'question.embedding') }} as distance
    from {{ ref('embeddings' ~ settings.suffix) }} as embedding
    cross join question
    where embedding.embedding_id in (select candidate.embedding_id from candidate)
        and {{ hartonomous.is_landed(settings, 'embedding') | indent(8) }}
)
{%- endmacro %}

{% macro default__cell_search(settings, training, served) %}
    {% do return(hartonomous.unsupported('cell_search')) %}
{% endmacro %}

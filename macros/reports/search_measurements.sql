{#
  search_measurements(space): every search method run on every held-out query, one statement each
  (joined queries would bypass the vector index, and always show a recall of 1), with what it found
  of exact search's first 10 and how long it took.

  Queries are the landed held-out ones (at most report_queries, and fewer in a space of more than
  400,000 rows). Where a space has none, embedded texts stand in, each left out of its own results;
  `query_source` says which it was. Without a vector index there is no line for it: it would scan.
  elapsed_ms is wall time around the statement as this dbt run saw it: planning and transport
  included. Measured anew when the space is tuned anew: at a million rows it takes 20 seconds.
#}
{% macro search_measurements(space=none) %}
    {{ hartonomous.only_where('vector_index') }}
    {{ hartonomous.tuning_table(space, 'behind_queries', tags=['report']) }}
    {%- set settings = hartonomous.space_settings(space) -%}
    {%- set callables = {
        'exact': ref('exact_vector_search' ~ settings.suffix),
        'auto': ref('vector_search' ~ settings.suffix),
        'cells': ref('cell_search' ~ settings.suffix),
        'index': ref('vector_index_search' ~ settings.suffix),
        'spatial': ref('approx_spatial_search' ~ settings.suffix),
        'hybrid': ref('hybrid_search' ~ settings.suffix),
        'place': ref('place_query' ~ settings.suffix),
    } -%}
    {%- set embeddings = ref('embeddings' ~ settings.suffix) -%}
    {%- set behind = hartonomous.behind_queries(space) -%}
    {%- set queries = hartonomous.report_queries(settings, embeddings) if behind else [] -%}
    {%- set reference = hartonomous.reference_distances(settings) if behind else {} -%}
    {%- set rows = [] -%}
    {%- if hartonomous.space_training(space).cells | int == 0 -%}{%- do callables.pop('cells') -%}{%- endif -%}
    {%- if execute and not hartonomous.has_vector_index(embeddings) -%}{%- do callables.pop('index') -%}{%- endif -%}
    {%- for query in queries -%}
        {%- do rows.extend(hartonomous.measure_query(query, callables, reference, settings)) -%}
    {%- endfor -%}
select
    tuned.tuning_key,
    measured.*
from (
    {{ hartonomous.measurement_rows(rows) | indent(4) }}
) as measured
cross join (
    select max(query.tuning_key) as tuning_key
    from {{ ref('tuning_queries' ~ settings.suffix) }} as query
) as tuned
{% endmacro %}

{# The queries to measure with: [{id, vector (text), own_id (embedding to leave out), source}]. #}
{% macro report_queries(settings, embeddings) %}
    {%- set queries = [] -%}
    {%- set rows = hartonomous.space_training(settings.space_id).space_rows | int -%}
    {%- set count = [var('report_queries'), [10, 20000000 // ([rows, 1] | max)] | max] | min -%}
    {% if execute %}
        {%- set landed = run_query(
            'select ' ~ hartonomous.top(count) ~ ' query_id, ' ~ hartonomous.vector_text('vector')
            ~ ' from ' ~ source('raw', 'queries') ~ " where space_id = '" ~ settings.space_id
            ~ "' order by query_id " ~ hartonomous.limit(count)
        ) -%}
        {% for row in (landed.rows if landed is not none else []) %}
            {% do queries.append({'id': row[0], 'vector': row[1], 'own_id': none, 'source': 'held_out'}) %}
        {% endfor %}
        {% if queries | length == 0 and load_relation(embeddings) is not none %}
            {%- set stand_ins = run_query(
                'select ' ~ hartonomous.top(count) ~ ' embedding_id, '
                ~ hartonomous.vector_text('embedding') ~ ', text_id from ' ~ embeddings
                ~ ' order by text_id ' ~ hartonomous.limit(count)
            ) -%}
            {% for row in (stand_ins.rows if stand_ins is not none else []) %}
                {% do queries.append({'id': row[2], 'vector': row[1], 'own_id': row[0] | int, 'source': 'leave_one_out'}) %}
            {% endfor %}
        {% endif %}
    {% endif %}
    {% do return(queries) %}
{% endmacro %}

{# NumPy's distances to each query's nearest neighbors: {query_id: [d1, d2, ...]}. #}
{% macro reference_distances(settings) %}
    {%- set distances = {} -%}
    {% if execute %}
        {%- set found = run_query(
            'select query_id, distance from ' ~ source('raw', 'reference_neighbors')
            ~ " where space_id = '" ~ settings.space_id ~ "' order by query_id, rank"
        ) -%}
        {% for row in (found.rows if found is not none else []) %}
            {% do distances.setdefault(row[0], []).append(row[1] | float) %}
        {% endfor %}
    {% endif %}
    {% do return(distances) %}
{% endmacro %}

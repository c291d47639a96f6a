{#
  before_coding(space) and after_coding(): hooks of cell_codes. What its statement asks of the session:
  the centroids of the newest training in a table of their own, with an index by which a row finds its
  nearest cells; and, where rows are coded already, the few that are not, as a table.

  DuckDB: an HNSW index finds 97 of 100 homes among 4,000 cells in 0.2 ms a row, a tenth of what
  comparing with all takes (`centroid_index_width` 24). The optimizer `top_n_window_elimination` of 1.5
  rewrites lateral joins past recognition (https://github.com/duckdb/duckdb-vss/issues/80): it rests
  meanwhile. An index is gone by only when it is committed, so the hook runs before the model's
  transaction.
#}
{% macro before_coding(space=none) %}
    {% if execute %}
        {% do return(adapter.dispatch('before_coding', 'hartonomous')(hartonomous.space_settings(space), hartonomous.space_training(space))) %}
    {% endif %}
{% endmacro %}

{% macro after_coding() %}
    {% do return(adapter.dispatch('after_coding', 'hartonomous')()) %}
{% endmacro %}

{% macro centroid_table() %}{% do return('hartonomous_centroids') %}{% endmacro %}

{% macro duckdb__before_coding(settings, training) %}
    {%- set by_direction = settings.metric != 'euclidean' -%}
create or replace temp table {{ hartonomous.centroid_table() }} as
select
    landed.cell,
    cast(landed.vector as float[{{ settings.dimension }}]) as embedding
from {{ source('raw', 'cells') }} as landed
where landed.training_id = {{ hartonomous.text_literal(training.training_id) }}
order by landed.cell;
create index {{ hartonomous.centroid_table() }}_hnsw on {{ hartonomous.centroid_table() }}
using hnsw (embedding) with (metric = '{{ 'ip' if by_direction else 'l2sq' }}');
    {%- if is_incremental() %}
create or replace temp table hartonomous_uncoded as
select
    embedding.embedding_id,
    embedding.embedding
from {{ ref('embeddings' ~ settings.suffix) }} as embedding
where {{ hartonomous.uncoded(training, 'embedding') }};
    {%- endif %}
set variable hartonomous_optimizers = current_setting('disabled_optimizers');
set variable hartonomous_index_width = current_setting('hnsw_ef_search');
set disabled_optimizers = 'top_n_window_elimination';
set session hnsw_ef_search = {{ var('centroid_index_width') }}
{% endmacro %}

{% macro duckdb__after_coding() %}
set disabled_optimizers = getvariable('hartonomous_optimizers');
set session hnsw_ef_search = getvariable('hartonomous_index_width');
drop table if exists temp.{{ hartonomous.centroid_table() }};
drop table if exists temp.hartonomous_uncoded
{% endmacro %}

{# The rows that are to be coded, as a table that is scanned whole. #}
{% macro duckdb_uncoded_rows(embeddings) %}
    {% do return('hartonomous_uncoded' if is_incremental() else embeddings) %}
{% endmacro %}

{# [{first, end}]: ranges of a space's embedding ids of like width, as many as asked for. #}
{% macro embedding_ranges(settings, parts) %}
    {%- set bounds = [0, 0] -%}
    {% if execute %}
        {%- set found = run_query(
            'select coalesce(min(embedding_id), 0), coalesce(max(embedding_id), 0) from ' ~ source('raw', 'text_embeddings')
            ~ ' where space_id = ' ~ hartonomous.text_literal(settings.space_id)
        ) -%}
        {%- set bounds = found.rows[0].values() | map('int') | list -%}
    {% endif %}
    {%- set ranges, width = [], bounds[1] + 1 - bounds[0] -%}
    {% for part in range(parts) %}
        {% do ranges.append({
            'first': bounds[0] + part * width // parts, 'end': bounds[0] + (part + 1) * width // parts,
        }) %}
    {% endfor %}
    {% do return(ranges) %}
{% endmacro %}

{# T-SQL compares with groups of cells: nothing is prepared. #}
{% macro default__before_coding(settings, training) %}{% endmacro %}

{% macro default__after_coding() %}{% endmacro %}

{#
  Index statements, for post-hooks. Each returns one statement, or '' where there is nothing to do.

  create_vector_index(relation, column, metric)            approximate nearest neighbors
  create_spatial_index(relation, column, bounding_box)     2-D, over a GEOMETRY column
  drop_vector_index(relation, column)                      before a change, where an index forbids it
  enable_preview()                                         before all, where the engine wants a switch

  SQL Server's variants: indexes_tsql.sql.
#}
{% macro create_vector_index(relation, column, metric) %}
    {% do return(adapter.dispatch('create_vector_index', 'hartonomous')(relation, column, metric)) %}
{% endmacro %}

{% macro create_spatial_index(relation, column, bounding_box) %}
    {% do return(adapter.dispatch('create_spatial_index', 'hartonomous')(relation, column, bounding_box)) %}
{% endmacro %}

{% macro drop_vector_index(relation, column) %}
    {% do return(adapter.dispatch('drop_vector_index', 'hartonomous')(relation, column)) %}
{% endmacro %}

{% macro enable_preview() %}
    {% do return(adapter.dispatch('enable_preview', 'hartonomous')()) %}
{% endmacro %}

{# Only SQL Server 2025 hides features behind a switch. #}
{% macro default__enable_preview() %}{% endmacro %}

{% macro index_name(relation, column, kind) %}
    {% do return(relation.identifier ~ '_' ~ column ~ '_' ~ kind) %}
{% endmacro %}

{# vss: https://duckdb.org/docs/stable/core_extensions/vss. Persistence is experimental there, and
   sound here because the built file is disposable. Later inserts keep the index current. How many rows a
   search keeps in view is no option of a stored index, which forgets it when the file is opened again:
   hartonomous.extensions sets it in the session. #}
{% macro duckdb__create_vector_index(relation, column, metric) %}
    {%- set hnsw_metric = {'cosine': 'cosine', 'euclidean': 'l2sq', 'dot': 'ip'}[metric] -%}
    {% do return(
        'create index if not exists ' ~ hartonomous.index_name(relation, column, 'hnsw') ~ ' on '
        ~ relation ~ ' using hnsw (' ~ column ~ ") with (metric = '" ~ hnsw_metric
        ~ "')"
    ) %}
{% endmacro %}

{% macro duckdb__create_spatial_index(relation, column, bounding_box) %}
    {% do return(
        'create index if not exists ' ~ hartonomous.index_name(relation, column, 'rtree') ~ ' on '
        ~ relation ~ ' using rtree (' ~ column ~ ')'
    ) %}
{% endmacro %}

{# HNSW takes inserts and deletes: nothing has to be dropped before an incremental run. #}
{% macro duckdb__drop_vector_index(relation, column) %}
    {% do return('') %}
{% endmacro %}

{% macro default__create_vector_index(relation, column, metric) %}
    {% do return(hartonomous.unsupported('a vector index')) %}
{% endmacro %}

{% macro default__create_spatial_index(relation, column, bounding_box) %}
    {% do return(hartonomous.unsupported('a spatial index')) %}
{% endmacro %}

{% macro default__drop_vector_index(relation, column) %}
    {% do return(hartonomous.unsupported('a vector index')) %}
{% endmacro %}

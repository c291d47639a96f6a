{#
  inference_table(): config of every weight table: left out where the engine has no vectors.

  DuckDB stores floats compressed unless told otherwise, and unpacking them took a third of a layer's
  time: weights are stored as they are. The setting is in force when a table's data is written, which
  for a small table is the checkpoint.
#}
{% macro inference_table() %}
    {{ hartonomous.only_where('vector') }}
    {{ config(
        materialized='table',
        tags=['inference'],
        pre_hook=hartonomous.storage_hook('before'),
        post_hook=hartonomous.storage_hook('after'),
    ) }}
{% endmacro %}

{% macro storage_hook(moment) %}
    {% do return(adapter.dispatch('storage_hook', 'hartonomous')(moment)) %}
{% endmacro %}

{% macro duckdb__storage_hook(moment) %}
    {% if moment == 'before' %}
        {% do return([{'sql': "set force_compression = 'uncompressed'", 'transaction': false}]) %}
    {% endif %}
    {% do return([
        {'sql': 'checkpoint', 'transaction': false},
        {'sql': 'reset force_compression', 'transaction': false},
    ]) %}
{% endmacro %}

{% macro default__storage_hook(moment) %}
    {% do return([]) %}
{% endmacro %}

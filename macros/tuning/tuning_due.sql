{#
  tuning_due(space): whether a space's tuning is to be measured anew: its rows have grown or shrunk by
  more than retune_share since, it was trained again, or other queries were landed. Else the tables
  of the tuning keep what they have, so that a build after a few inserts costs little.
#}
{% macro tuning_due(space=none) %}
    {% if not execute or not is_incremental() %}
        {% do return(true) %}
    {% endif %}
    {%- set now = hartonomous.tuning_state(space) -%}
    {%- set found = run_query('select max(tuning_key) from ' ~ this.include(database=false)) -%}
    {% if found is none or found.rows | length == 0 or found.rows[0][0] is none %}
        {% do return(now.space_rows > 0) %}
    {% endif %}
    {%- set before = found.rows[0][0].split(':') -%}
    {% do return(
        before[0] != now.training_id
        or before[2] != now.query_source
        or (before[1] | int - now.space_rows) | abs > var('retune_share') * (before[1] | int)
    ) %}
{% endmacro %}

{# A tuning's identity, which every row of its tables carries. #}
{% macro tuning_key(state) %}
    {% do return(state.training_id ~ ':' ~ state.space_rows ~ ':' ~ state.query_source) %}
{% endmacro %}

{# Whether a table that is made from the tuning queries is older than they are. #}
{% macro behind_queries(space=none) %}
    {%- set queries = ref('tuning_queries' ~ hartonomous.space_suffix(space)) -%}
    {% if not execute or not is_incremental() %}
        {% do return(true) %}
    {% endif %}
    {%- set columns = adapter.get_columns_in_relation(this) | map(attribute='name') | list -%}
    {% if 'tuning_key' not in columns %}{% do return(true) %}{% endif %}
    {%- set found = run_query(
        'select (select max(tuning_key) from ' ~ queries ~ '), (select max(tuning_key) from ' ~ this.include(database=false) ~ ')'
    ) -%}
    {% do return(found is none or found.rows | length == 0 or found.rows[0][0] != found.rows[0][1]) %}
{% endmacro %}

{# What a tuning depends on: {training_id, space_rows, query_source}. Queries are landed ones where
   there are enough to tune on, else rows of the space, each left out of its own results. #}
{% macro tuning_state(space=none) %}
    {%- set settings = hartonomous.space_settings(space) -%}
    {%- set state = {
        'training_id': hartonomous.space_training(space).training_id, 'space_rows': 0, 'query_source': 'leave_one_out',
    } -%}
    {% if execute %}
        {%- set found = run_query(
            'select (select count(*) from ' ~ source('raw', 'text_embeddings') ~ ' where space_id = '
            ~ hartonomous.text_literal(settings.space_id) ~ '), (select count(*) from ' ~ source('raw', 'queries')
            ~ ' where space_id = ' ~ hartonomous.text_literal(settings.space_id) ~ ')'
        ) -%}
        {% if found is not none and found.rows | length > 0 %}
            {% do state.update({'space_rows': found.rows[0][0] | int}) %}
            {% if found.rows[0][1] | int >= 20 %}{% do state.update({'query_source': 'held_out'}) %}{% endif %}
        {% endif %}
    {% endif %}
    {% do return(state) %}
{% endmacro %}

{# The configuration of a table that keeps its rows until `due`, a macro's name, says so. #}
{% macro tuning_table(space, due, tags=['space', 'tuning']) %}
    {{ config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        tags=tags,
        pre_hook="{{ hartonomous.empty_when_due(this, hartonomous." ~ due ~ "(" ~ hartonomous.quoted_or_none(space) ~ ")) }}",
    ) }}
{% endmacro %}

{% macro empty_when_due(relation, due) %}
    {% if execute and is_incremental() and due %}
        {% do return(hartonomous.delete_rows(relation, '1 = 1')) %}
    {% endif %}
{% endmacro %}

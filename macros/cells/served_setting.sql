{#
  served_setting(space): what the tuning of the last build chose (model search_settings): {path,
  probes, reach, candidates, recall, codes_candidates, codes_recall, index_recall (none where the index is not to be used)}.
  Before it ran, exact search, and for cell_search's defaults an eighth
  of the cells.
#}
{% macro served_setting(space=none) %}
    {% do return(adapter.dispatch('served_setting', 'hartonomous')(space)) %}
{% endmacro %}

{% macro default__served_setting(space) %}
    {% do return(hartonomous.unsupported('tuning')) %}
{% endmacro %}

{% macro duckdb__served_setting(space) %}
    {%- set served = {
        'path': 'exact', 'probes': 16, 'reach': none, 'candidates': 100, 'recall': 1.0, 'codes_candidates': 200, 'codes_recall': 1.0,
        'index_recall': none,
    } -%}
    {%- set relation = ref('search_settings' ~ hartonomous.space_suffix(space)) -%}
    {% if execute %}
        {%- set found = run_query(
            'select path, probes, candidates, recall, codes_candidates, codes_recall, index_recall, index_standard_error, reach from ' ~ relation
        ) -%}
        {% if found is not none and found.rows | length > 0 %}
            {%- set row = found.rows[0] -%}
            {% do served.update({'path': row[0], 'recall': row[3] | float}) %}
            {% if row[4] is not none %}
                {% do served.update({'codes_candidates': row[4] | int, 'codes_recall': row[5] | float}) %}
            {% endif %}
            {% if row[7] is not none and (row[6] | float) - (row[7] | float) >= var('target_recall') and served.path != 'exact' %}
                {% do served.update({'index_recall': row[6] | float}) %}
            {% endif %}
            {% if row[8] is not none %}{% do served.update({'reach': row[8] | float}) %}{% endif %}
            {% if row[1] | int > 0 %}{% do served.update({'probes': row[1] | int}) %}{% endif %}
            {% if row[2] | int > 0 %}{% do served.update({'candidates': row[2] | int}) %}{% endif %}
        {% endif %}
    {% endif %}
    {% do return(served) %}
{% endmacro %}

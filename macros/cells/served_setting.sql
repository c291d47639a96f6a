{#
  served_setting(space): what the tuning of the last build chose (model search_settings): {path,
  probes, reach, candidates, recall, cells: {probes, reach, candidates}, codes_candidates, codes_recall,
  index_recall (none where the index is not to be used)}. `cells` is what cell_search goes by, whichever path
  is served. Before it ran, exact search, and of the cells 16.
#}
{% macro served_setting(space=none) %}
    {% do return(adapter.dispatch('served_setting', 'hartonomous')(space)) %}
{% endmacro %}

{% macro default__served_setting(space) %}
    {% do return(hartonomous.unsupported('tuning')) %}
{% endmacro %}

{% macro duckdb__served_setting(space) %}
    {%- set served = {
        'path': 'exact', 'probes': 0, 'reach': none, 'candidates': 0, 'recall': 1.0,
        'cells': {'probes': 16, 'reach': none, 'candidates': 100},
        'codes_candidates': 200, 'codes_recall': 1.0, 'index_recall': none,
    } -%}
    {%- set relation = ref('search_settings' ~ hartonomous.space_suffix(space)) -%}
    {% if execute %}
        {%- set found = run_query(
            'select path, probes, reach, candidates, recall, cells_probes, cells_reach, cells_candidates, '
            ~ 'codes_candidates, codes_recall, index_recall, index_standard_error from ' ~ relation
        ) -%}
        {% if found is not none and found.rows | length > 0 %}
            {%- set row = found.rows[0] -%}
            {% do served.update({
                'path': row['path'], 'probes': row['probes'] | int, 'reach': hartonomous.double_or_none(row['reach']),
                'candidates': row['candidates'] | int, 'recall': row['recall'] | float,
            }) %}
            {% if row['cells_probes'] is not none %}
                {% do served.update({'cells': {
                    'probes': row['cells_probes'] | int, 'reach': hartonomous.double_or_none(row['cells_reach']),
                    'candidates': row['cells_candidates'] | int,
                }}) %}
            {% endif %}
            {% if row['codes_candidates'] is not none %}
                {% do served.update({'codes_candidates': row['codes_candidates'] | int, 'codes_recall': row['codes_recall'] | float}) %}
            {% endif %}
            {%- set error = row['index_standard_error'] -%}
            {% if error is not none and (row['index_recall'] | float) - (error | float) >= var('target_recall') and served.path != 'exact' %}
                {% do served.update({'index_recall': row['index_recall'] | float}) %}
            {% endif %}
        {% endif %}
    {% endif %}
    {% do return(served) %}
{% endmacro %}

{% macro double_or_none(number) %}
    {% do return(none if number is none else number | float) %}
{% endmacro %}

{#
  model_name(name): the model that a macro without an argument serves: the var `default_model`,
  else the one that was landed first, else ''.
#}
{% macro model_name(name=none) %}
    {%- if name or var('default_model') -%}
        {% do return(name or var('default_model')) %}
    {%- endif -%}
    {% if execute %}
        {%- set found = run_query(
            'select name from ' ~ source('raw', 'models') ~ ' order by ingested_at, name'
        ) -%}
        {% if found is not none and found.rows | length > 0 %}
            {% do return(found.rows[0][0]) %}
        {% endif %}
    {% endif %}
    {% do return('') %}
{% endmacro %}

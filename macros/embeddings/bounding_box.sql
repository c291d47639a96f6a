{#
  space_bounding_box(space): [x_min, y_min, z_min, x_max, y_max, z_max] of a space, read from the
  landed landmarks when the index is made; the var default_bounding_box while nothing is landed.
#}
{% macro space_bounding_box(space=none) %}
    {%- set box = var('default_bounding_box') -%}
    {% if execute %}
        {%- set settings = hartonomous.space_settings(space) -%}
        {%- set found = run_query(
            'select x_min, y_min, z_min, x_max, y_max, z_max from ' ~ ref('bounding_boxes')
            ~ " where space_id = '" ~ settings.space_id ~ "'"
        ) -%}
        {% if found is not none and found.rows | length > 0 and found.rows[0][0] is not none %}
            {%- set box = found.rows[0].values() | map('float') | list -%}
            {% do return(box) %}
        {% endif %}
    {% endif %}
    {% do return(box) %}
{% endmacro %}

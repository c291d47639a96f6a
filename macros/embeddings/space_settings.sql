{#
  space_settings(space): {space_id, dimension, metric, suffix} of an embedding space. Without an
  argument the default space: the var `default_space`, else the one that was landed first, else
  (nothing landed yet) the vars default_dimension and default_metric. `suffix` is what the names of
  that space's models carry: nothing for the default one.
#}
{% macro space_settings(space=none) %}
    {%- set settings = {
        'space_id': space or var('default_space'),
        'dimension': var('default_dimension'),
        'metric': var('default_metric'),
        'suffix': hartonomous.space_suffix(space),
    } -%}
    {% if execute %}
        {%- set wanted = settings['space_id'] -%}
        {%- set found = run_query(
            'select space_id, dimension, metric from ' ~ source('raw', 'spaces')
            ~ (" where space_id = '" ~ wanted ~ "'" if wanted else '')
            ~ ' order by created_at, space_id'
        ) -%}
        {% if found is not none and found.rows | length > 0 %}
            {% do settings.update({
                'space_id': found.rows[0][0],
                'dimension': found.rows[0][1] | int,
                'metric': found.rows[0][2],
            }) %}
        {% endif %}
    {% endif %}
    {% do return(settings) %}
{% endmacro %}

{# The names of a space's models: `embeddings` for the default one, else `embeddings_<space>`. #}
{% macro space_suffix(space) %}
    {% if space and not modules.re.fullmatch('[a-z0-9_]{1,100}', space) %}
        {% do exceptions.raise_compiler_error(
            'hartonomous: a space is named in lower-case letters, digits and _; it got ' ~ space
        ) %}
    {% endif %}
    {% do return('_' ~ space if space else '') %}
{% endmacro %}

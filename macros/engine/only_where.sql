{#
  only_where(capability): leaves the model out on an engine that lacks the capability, and says so
  while the project is parsed. docs/engines.md lists what is left out where.
#}
{% macro only_where(capability) %}
    {%- set enabled = hartonomous.supports(capability) -%}
    {% if not enabled and not execute %}
        {% do log(
            'hartonomous: ' ~ model.name ~ ' is left out: ' ~ adapter.type() ~ ' has no ' ~ capability
            ~ ' (docs/engines.md)', info=true
        ) %}
    {% endif %}
    {{ config(enabled=enabled) }}
{% endmacro %}

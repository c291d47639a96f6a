{#
  One message for what an engine cannot do. The default variant of every primitive raises it:
  a silent fallback to SQL that happens to parse is the worst failure.
#}
{% macro unsupported(what, remedy='see docs/engines.md for what each engine can do') %}
    {% if execute %}
        {% do exceptions.raise_compiler_error(
            'hartonomous: ' ~ what ~ ' is not available on the engine ' ~ adapter.type() ~ '; ' ~ remedy
        ) %}
    {% endif %}
    {% do return('') %}
{% endmacro %}

{#
  Contracts name logical types (`key`, `int`, `vector`, ...), so that one yml serves every engine.
  This pre-hook turns them into the engine's types before the materialization reads them: `model`
  is the same object for both. docs/decisions/0005-logical-contract-types.md
#}
{% macro resolve_contract_types(dimension=none) %}
    {% if execute %}
        {% for column in model['columns'].values() %}
            {% if column.get('data_type') %}
                {% do column.update({
                    'data_type': hartonomous.sql_type(column['data_type'], dimension)
                }) %}
            {% endif %}
        {% endfor %}
    {% endif %}
{% endmacro %}

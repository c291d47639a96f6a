{% macro vector_type() %}{{ return(adapter.dispatch('vector_type')()) }}{% endmacro %}
{% macro sqlserver__vector_type() %}{{ return('VECTOR(3)') }}{% endmacro %}
{% macro fabric__vector_type() %}{{ return('varchar(max)') }}{% endmacro %}

{% macro a_vector() %}'[1,2,3]'{% endmacro %}

{% macro resolve_types() %}
    {% if execute %}
        {% for column in model['columns'].values() if column['data_type'] == 'vector' %}
            {% do column.update({'data_type': vector_type()}) %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{% macro add_key(relation, column) %}{{ return(adapter.dispatch('add_key')(relation, column)) }}{% endmacro %}
{% macro sqlserver__add_key(relation, column) %}
    {# Unnamed: names of constraints are unique in a schema, and on a second run the table's backup
       still holds its own. #}
    alter table {{ relation.include(database=false) }} add primary key clustered ({{ column }});
{% endmacro %}
{% macro fabric__add_key(relation, column) %}{% endmacro %}

{% macro add_vector_index(relation, column) %}{{ return(adapter.dispatch('add_vector_index')(relation, column)) }}{% endmacro %}
{% macro sqlserver__add_vector_index(relation, column) %}
    create vector index vi_{{ relation.identifier }} on {{ relation.include(database=false) }} ({{ column }}) with (metric = 'cosine', type = 'DiskANN');
{% endmacro %}
{% macro fabric__add_vector_index(relation, column) %}{% endmacro %}

{% materialization procedure, default %}
    {% call statement('main') %}{{ sql }}{% endcall %}
    {{ return({'relations': []}) }}
{% endmaterialization %}

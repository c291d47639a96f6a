{# One query through every method: see search_measurements. #}
{% macro measure_query(query, callables, reference, settings) %}
    {%- set k = 10 if query.own_id is none else 11 -%}
    {%- set vector = "'" ~ query.vector ~ "'" -%}
    {%- set placed = run_query(hartonomous.call(callables['place'], [vector])).rows[0].values() | map('string') | list -%}
    {%- set statements = {
        'exact': hartonomous.call(callables['exact'], [vector, k, "'" ~ settings.metric ~ "'"]),
        'auto': hartonomous.call(callables['auto'], [vector, k]),
        'spatial': hartonomous.call(callables['spatial'], placed + [k, 0]),
        'coarse': hartonomous.call(callables['spatial'], placed + [k, 1]),
        'hybrid': hartonomous.call(callables['hybrid'], [vector] + placed + [var('report_candidates'), k]),
    } -%}
    {% for method in ['index', 'cells'] if method in callables %}
        {% do statements.update({method: hartonomous.call(callables[method], [vector, k])}) %}
    {% endfor %}
    {%- set relevant = [] -%}
    {%- set rows = [] -%}
    {% for method, statement in statements.items() %}
        {%- set started = modules.datetime.datetime.now() -%}
        {%- set found = run_query(statement) -%}
        {%- set elapsed = (modules.datetime.datetime.now() - started).total_seconds() * 1000 -%}
        {%- set result = [] -%}
        {% for row in found.rows if (row['embedding_id'] | int) != query.own_id %}
            {% do result.append({'id': row['embedding_id'] | int, 'distance': row['distance'] | float}) %}
        {% endfor %}
        {%- set result = result[:10] -%}
        {% if method == 'exact' %}{% do relevant.extend(result | map(attribute='id')) %}{% endif %}
        {% do rows.append({
            'space_id': settings.space_id, 'method': method, 'query_id': query.id, 'query_source': query.source,
            'relevant': relevant | length, 'returned': result | length,
            'hits': result | map(attribute='id') | select('in', relevant) | list | length,
            'elapsed_ms': elapsed,
            'reference_error': hartonomous.largest_difference(result, reference.get(query.id, [])) if method == 'exact' and settings.metric == 'cosine' else none,
        }) %}
    {% endfor %}
    {% do return(rows) %}
{% endmacro %}

{# The largest difference, rank by rank, from NumPy's distances; a missing rank counts as 1. #}
{% macro largest_difference(result, reference) %}
    {%- set state = namespace(largest=none) -%}
    {% for distance in reference %}
        {%- set here = result[loop.index0].distance if loop.index0 < result | length else none -%}
        {%- set difference = (here - distance) | abs if here is not none else 1.0 -%}
        {% if state.largest is none or difference > state.largest %}{% set state.largest = difference %}{% endif %}
    {% endfor %}
    {% do return(state.largest) %}
{% endmacro %}

{# The measured rows as a SELECT; without any, one that has the columns and no rows. #}
{% macro measurement_rows(rows) %}
    {%- set types = {
        'space_id': 'key', 'method': 'key', 'query_id': 'key', 'query_source': 'key',
        'relevant': 'int', 'returned': 'int', 'hits': 'int',
        'elapsed_ms': 'double', 'reference_error': 'double',
    } -%}
    {%- set empty = {} -%}
    {%- for row in (rows or [empty]) %}
select
    {%- for column, kind in types.items() %}
    cast({{ hartonomous.parameter_literal(row.get(column)) }} as {{ hartonomous.sql_type(kind) }}) as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
    {{- '\nwhere 1 = 0' if not rows }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endmacro %}

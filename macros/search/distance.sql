{#
  distance_by(metric, a, b): distance by a metric that the caller names at run time.
  similarity_by(metric, distance): larger is nearer: the cosine, the inner product, or
  1 / (1 + Euclidean distance).
  An unknown metric is an error in DuckDB; a T-SQL procedure checks it at its top.
#}
{% macro distance_by(metric, a, b) -%}
    case {{ metric }}
        {%- for known in ['cosine', 'euclidean', 'dot'] %}
        when '{{ known }}' then {{ hartonomous.vector_distance(known, a, b) }}
        {%- endfor %}
        {{- hartonomous.otherwise_error("unknown distance_metric; use cosine, euclidean or dot") }}
    end
{%- endmacro %}

{% macro similarity_by(metric, distance) -%}
    case {{ metric }}
        when 'cosine' then 1 - {{ distance }}
        when 'euclidean' then 1 / (1 + {{ distance }})
        when 'dot' then -({{ distance }})
    end
{%- endmacro %}

{# The ELSE of a CASE that must not be reached, where the engine can raise from an expression. #}
{% macro otherwise_error(message) %}
    {% do return(adapter.dispatch('otherwise_error', 'hartonomous')(message)) %}
{% endmacro %}

{% macro duckdb__otherwise_error(message) %}
        else error('{{ message }}')
{%- endmacro %}

{# T-SQL has no expression that raises: procedures check their parameters first. #}
{% macro default__otherwise_error(message) %}{% endmacro %}

{#
  Vector arithmetic.

  to_vector(expression, dimension)   a landed vector (or a parameter) as the typed vector
  vector_distance(metric, a, b)      cosine: 1 - cos; euclidean: L2; dot: NEGATIVE inner product,
                                     as VECTOR_DISTANCE has it: smaller is always nearer
  vector_norm(a)                     L2 norm of a typed vector
  row_norm(a)                        L2 norm of a landed weight row of any width
  zero_row(a)                        zeros in the shape of a landed weight row
#}
{% macro to_vector(expression, dimension) %}
    {% do return(adapter.dispatch('to_vector', 'hartonomous')(expression, dimension)) %}
{% endmacro %}

{% macro vector_distance(metric, a, b) %}
    {% if metric not in ['cosine', 'euclidean', 'dot'] %}
        {% do exceptions.raise_compiler_error(
            'hartonomous: vector_distance() knows cosine, euclidean, dot; it got ' ~ metric
        ) %}
    {% endif %}
    {% do return(adapter.dispatch('vector_distance', 'hartonomous')(metric, a, b)) %}
{% endmacro %}

{% macro vector_norm(a) %}
    {% do return(adapter.dispatch('vector_norm', 'hartonomous')(a)) %}
{% endmacro %}

{% macro row_squares(a) %}
    {% do return(adapter.dispatch('row_squares', 'hartonomous')(a)) %}
{% endmacro %}

{% macro zero_row(a) %}
    {% do return(adapter.dispatch('zero_row', 'hartonomous')(a)) %}
{% endmacro %}

{% macro duckdb__to_vector(expression, dimension) -%}
    cast({{ expression }} as float[{{ dimension }}])
{%- endmacro %}

{% macro duckdb__vector_distance(metric, a, b) -%}
    {{ {'cosine': 'array_cosine_distance',
        'euclidean': 'array_distance',
        'dot': 'array_negative_inner_product'}[metric] }}({{ a }}, {{ b }})
{%- endmacro %}

{% macro duckdb__vector_norm(a) -%}
    sqrt(array_inner_product({{ a }}, {{ a }}))
{%- endmacro %}

{# The square of a row's L2 norm, or of its chunk's: chunks are summed before the root. #}
{% macro duckdb__row_squares(a) -%}
    list_dot_product({{ a }}, {{ a }})
{%- endmacro %}

{% macro duckdb__zero_row(a) -%}
    list_resize(cast([] as float[]), len({{ a }}), cast(0 as float))
{%- endmacro %}

{% macro default__to_vector(expression, dimension) %}
    {% do return(hartonomous.unsupported('a typed vector')) %}
{% endmacro %}

{% macro default__vector_distance(metric, a, b) %}
    {% do return(hartonomous.unsupported('a vector distance')) %}
{% endmacro %}

{% macro default__vector_norm(a) %}
    {% do return(hartonomous.unsupported('a vector norm')) %}
{% endmacro %}

{% macro default__row_squares(a) %}
    {% do return(hartonomous.unsupported('the norm of a weight row')) %}
{% endmacro %}

{% macro default__zero_row(a) %}
    {% do return(hartonomous.unsupported('an empty weight row')) %}
{% endmacro %}

{# A parameter of a procedure is declared as the typed vector that it is. Landed vectors of embeddings
   are JSON text, which a cast turns into VECTOR. #}
{% macro sqlserver__to_vector(expression, dimension) -%}
    {{ expression if expression.startswith('@') else 'cast(' ~ expression ~ ' as ' ~ hartonomous.sql_type('vector', dimension) ~ ')' }}
{%- endmacro %}

{# https://learn.microsoft.com/sql/t-sql/functions/vector-distance-transact-sql: always exact. #}
{% macro sqlserver__vector_distance(metric, a, b) -%}
    vector_distance('{{ metric }}', {{ a }}, {{ b }})
{%- endmacro %}

{% macro sqlserver__vector_norm(a) -%}
    vector_norm({{ a }}, 'norm2')
{%- endmacro %}

{% macro sqlserver__row_squares(a) -%}
    square(vector_norm({{ a }}, 'norm2'))
{%- endmacro %}

{% macro sqlserver__zero_row(a) -%}
    cast('[' + replicate('0,', {{ hartonomous.weight_chunk_width() - 1 }}) + '0]' as {{ hartonomous.sql_type('vector') }})
{%- endmacro %}

{# Fabric Warehouse: a chunk is one number. #}
{% macro fabric__row_squares(a) -%}
    square({{ a }})
{%- endmacro %}

{% macro fabric__zero_row(a) -%}
    cast(0 as {{ hartonomous.sql_type('vector') }})
{%- endmacro %}

{#
  activation(name, x): the feed-forward's nonlinearity over an expression: gelu, gelu_tanh, silu,
  relu (max(x, 0)). argument: gelu_argument(x), where the statement has it as a column.
#}
{% macro activation(name, x, argument=none) %}
    {% if name == 'gelu' %}
        {% do return(hartonomous.gelu(x, argument)) %}
    {% elif name == 'gelu_tanh' %}
        {% do return(hartonomous.gelu_tanh(x)) %}
    {% elif name == 'silu' %}
        {% do return(hartonomous.silu(x)) %}
    {% elif name == 'relu' %}
        {% do return('greatest(' ~ x ~ ', 0)') %}
    {% endif %}
    {% do exceptions.raise_compiler_error('hartonomous: activation() knows gelu, gelu_tanh, silu, relu; it got ' ~ name) %}
{% endmacro %}

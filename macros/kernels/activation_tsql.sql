{#
  activation() on SQL Server, where an exponential that leaves the range of FLOAT or REAL is an error
  and not infinity or zero. Beyond these bounds they are max(x, 0), to 1e-15.
#}
{% macro sqlserver_activation(name, x, argument=none) -%}
{%- set bounds = {'gelu': 9, 'gelu_tanh': 8, 'silu': 40} -%}
{%- if name in bounds -%}
case
    when abs({{ x }}) < {{ bounds[name] }} then {{ hartonomous.activation(name, x, argument) | indent(4) }}
    else greatest({{ x }}, 0)
end
{%- else -%}
{{ hartonomous.activation(name, x) }}
{%- endif -%}
{%- endmacro %}

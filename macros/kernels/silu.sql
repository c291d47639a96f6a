{#
  SiLU (Elfwing et al. 2017): x / (1 + exp(-x)).
#}
{% macro silu(x) -%}
cast({{ x }} / (1 + exp(-cast({{ x }} as {{ hartonomous.sql_type('double') }}))) as {{ hartonomous.sql_type('float') }})
{%- endmacro %}

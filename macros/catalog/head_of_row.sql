{#
  The attention head that an output neuron of a query, key or value matrix belongs to; NULL for
  every other row. With grouped-query attention keys and values have key_value_heads heads.
#}
{% macro head_of_row(tensor, row, model) -%}
    case
        when {{ tensor }}.weight_type in ('Q', 'K', 'V') and {{ model }}.head_size > 0
            then cast(floor(1.0 * {{ row }}.row_index / {{ model }}.head_size) as {{ hartonomous.sql_type('int') }})
    end
{%- endmacro %}

{#
  normalize(settings, input, column): the model's norm, without gain and bias, which are folded into
  the matrix that follows. From (row_id, text_id, position, <column>) to the same with `normed`.
#}
{% macro normalize(settings, input, column) %}
    {% if settings.norm == 'rms_norm' %}
        {% do return(hartonomous.rms_norm(input, column, settings.hidden_size, settings.norm_epsilon)) %}
    {% endif %}
    {% do return(hartonomous.layer_norm(input, column, settings.hidden_size, settings.norm_epsilon)) %}
{% endmacro %}

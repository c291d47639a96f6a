{# Fails where exact search's distances differ from NumPy's (float64) by more than float32 explains. #}
{% test exact_equals_numpy(model, tolerance=0.00001) %}
select method, reference_error
from {{ model }}
where method = 'exact'
    and reference_error > {{ tolerance }}
{% endtest %}

{# Fails where a share is above its bound, or not a share. #}
{% test share_at_most(model, column, maximum) %}
select {{ column }}
from {{ model }}
where {{ column }} is null or {{ column }} <= 0 or {{ column }} > {{ maximum }}
{% endtest %}

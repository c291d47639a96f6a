{# Fails where a search method found less of the exact first ten than `minimum`. #}
{% test recall_at_least(model, method, minimum) %}
select method, recall_at_10
from {{ model }}
where method = '{{ method }}'
    and (recall_at_10 is null or recall_at_10 < {{ minimum }})
{% endtest %}

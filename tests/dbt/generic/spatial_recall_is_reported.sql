{#
  The 3-D methods are reported as they measure, never as promised: fails where one of them is
  missing from the report, or where a position alone claims more than exact search.
#}
{% test spatial_recall_is_reported(model) %}
select method.name
from (
    select 'spatial' as name
    union all
    select 'coarse' as name
    union all
    select 'hybrid' as name
) as method
left join {{ model }} as measured
    on measured.method = method.name
where exists (select 1 from {{ model }})
    and (measured.recall_at_10 is null or measured.recall_at_10 < 0 or measured.recall_at_10 > 1)
{% endtest %}

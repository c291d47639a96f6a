{#
  Vectors of a space have unit norm, all or none: a model that normalizes does it to every text.
  Fails on the rows that are not of unit norm where more than half of them are.
#}
{% test unit_norm(model, column='embedding', tolerance=0.0001) %}
{{ config(enabled=hartonomous.supports('vector')) }}
select measured.embedding_id, measured.norm
from (
    select embedding_id, {{ hartonomous.vector_norm(column) }} as norm
    from {{ model }}
) as measured
where abs(measured.norm - 1) > {{ tolerance }}
    and (
        select avg(case when abs({{ hartonomous.vector_norm(column) }} - 1) <= {{ tolerance }} then 1.0 else 0.0 end)
        from {{ model }}
    ) > 0.5
{% endtest %}

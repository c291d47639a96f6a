{# Scores of tensors that no landed model names any more. #}
{% macro delete_removed_scores(relation) %}
    {% if execute and is_incremental() %}
        {% do return(hartonomous.delete_rows(relation, 'not exists (
        select 1
        from ' ~ source('raw', 'tensors') ~ ' as landed
        where landed.tensor_id = present.tensor_id
    )')) %}
    {% endif %}
{% endmacro %}

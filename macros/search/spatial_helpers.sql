{# Pieces that the spatial searches share. #}

{# Euclidean distance of a row's position to the point that three expressions name. #}
{% macro distance_3d(row, x, y, z) -%}
    sqrt(({{ row }}.x - {{ x }}) * ({{ row }}.x - {{ x }}) + ({{ row }}.y - {{ y }}) * ({{ row }}.y - {{ y }}) + ({{ row }}.z - {{ z }}) * ({{ row }}.z - {{ z }}))
{%- endmacro %}

{#
  Half the width of a box that holds about spatial_box_rows rows around a typical row: the median
  over 20 rows of the distance, in x or y, within which that many others lie. It must be a constant
  of the statement, or the R-tree is not used; 1 while there are no rows.
#}
{% macro spatial_box_radius(settings, embeddings) %}
    {% if execute and load_relation(embeddings) is not none %}
        {%- set found = run_query('select count(*) from ' ~ embeddings) -%}
        {%- set row_count = found.rows[0][0] | int -%}
        {%- if row_count == 0 -%}{% do return('1e0') %}{%- endif -%}
        {%- set share = [1.0, var('spatial_box_rows') / row_count] | min -%}
        {%- set found = run_query(
            'with sample as (select x, y from ' ~ embeddings ~ ' order by hash(embedding_id) limit 20) '
            ~ 'select median(reach) from (select quantile_cont(greatest(abs(candidate.x - sample.x), '
            ~ 'abs(candidate.y - sample.y)), ' ~ share ~ ') as reach from sample cross join '
            ~ embeddings ~ ' as candidate group by sample.x, sample.y)'
        ) -%}
        {% if found is not none and found.rows | length > 0 and found.rows[0][0] is not none %}
            {#- as a double literal: a DECIMAL would overflow -#}
            {% do return('%.9e' | format(found.rows[0][0] | float)) %}
        {% endif %}
    {% endif %}
    {% do return('1e0') %}
{% endmacro %}

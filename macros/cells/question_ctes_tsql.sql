{#
  question_ctes in T-SQL. `rows` is what code_numbers takes of each engine; SQL Server's CTE carries
  the typed vector, too.
#}
{% macro sqlserver__question_ctes(rows, keys, training, settings) -%}
question_rows as (
    select
        {%- for key in keys %}
        asked.{{ key }},
        {%- endfor %}
        cast(asked.embedding as nvarchar(max)) as vector,
        asked.embedding
    from {{ rows | trim | indent(4) }} as asked
),

question as (
    select
        {%- for key in keys %}
        question_rows.{{ key }},
        {%- endfor %}
        question_rows.embedding,
        {%- if settings.metric != 'cosine' %}
        {{ hartonomous.vector_norm('question_rows.embedding') }} as norm,
        {%- endif %}
        {%- for column in hartonomous.tsql_question_columns(training, settings) %}
        words.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from question_rows
    inner join {{ hartonomous.tsql_question_words('question_rows', keys[:1], training, settings) | indent(4) }} as words
        on words.{{ keys[0] }} = question_rows.{{ keys[0] }}
)
{%- endmacro %}

{# The columns of a question's code: [full_weight where length counts], code_0, low_0, high_0, ... #}
{% macro tsql_question_columns(training, settings) %}
    {%- set columns = ['full_weight'] if settings.metric != 'cosine' else [] -%}
    {% for name in ['code', 'low', 'high'] %}
        {% for word in range(training.words) %}{% do columns.append(name ~ '_' ~ word) %}{% endfor %}
    {% endfor %}
    {% do return(columns) %}
{% endmacro %}

{# Relation (keys, tsql_question_columns). #}
{% macro tsql_question_words(rows, keys, training, settings) -%}
{%- set names = [] -%}
{% for key in keys %}{% do names.append('weighed.' ~ key) %}{% endfor -%}
(
    select
        {%- for name in names %}
        {{ name }},
        {%- endfor %}
        {%- if settings.metric != 'cosine' %}
        sum(weighed.weight) as full_weight,
        {%- endif %}
        {{- hartonomous.tsql_words('weighed', 'code', 'weighed.margin > 0', training, last=false) }}
        {{- hartonomous.tsql_words('weighed', 'low', 'weighed.weight in (1, 3)', training, last=false) }}
        {{- hartonomous.tsql_words('weighed', 'high', 'weighed.weight in (2, 3)', training) }}
    from (
        select
            {%- for key in keys %}
            scaled.{{ key }},
            {%- endfor %}
            scaled.margin,
            least(3, round(abs(scaled.margin) * coalesce(1.5e0 / nullif(scaled.mean_margin, 0), 0), 0)) as weight,
            {{ hartonomous.tsql_power('scaled.bit', training) | trim | indent(4) }}
        from (
            select
                {%- for key in keys %}
                margins.{{ key }},
                {%- endfor %}
                margins.bit,
                cast(margins.margin as float) as margin,
                avg(abs(cast(margins.margin as float))) over (
                    partition by {% for key in keys %}margins.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
                ) as mean_margin
            from {{ hartonomous.tsql_margins(rows, keys, training, settings) | indent(12) }} as margins
        ) as scaled
    ) as weighed
    group by {{ names | join(', ') }}
)
{%- endmacro %}

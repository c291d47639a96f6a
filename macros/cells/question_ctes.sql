{#
  question_ctes(rows, keys, training, settings): CTE `question` from a relation `rows` (keys, embedding): keys,
  embedding, norm where the metric needs it, and per word of the code
    code_0, ...   the question's own bits
    low_0, ...    and high_0, ...: how far its number is from each bit's threshold, in two bits:
                  round(1.5 * distance / mean distance), 3 at the most
  A bit in which a row differs counts by that weight when candidates are chosen: a dimension in which
  the question is near the threshold says little. With weights 100 candidates hold as many of the
  true neighbors as 600 without (docs/decisions/0011-search-by-cells-and-codes.md).
#}
{% macro question_ctes(rows, keys, training, settings) %}
    {% do return(adapter.dispatch('question_ctes', 'hartonomous')(rows, keys, training, settings)) %}
{% endmacro %}

{% macro duckdb__question_ctes(rows, keys, training, settings) -%}
{%- set rotated = training.coding == 'rotated' -%}
{%- set vector = 'vectors.rotated' if rotated else 'vectors.embedding' -%}
{%- set doubled = training.bits | int > settings.dimension -%}
{{ hartonomous.duckdb_rotated_ctes('question', rows, keys, training, settings) }}
question_margins as (
    select
        {%- for key in keys %}
        vectors.{{ key }},
        {%- endfor %}
        vectors.embedding,
        {%- if training.thresholds %}
        list_transform(
            {{ 'list_concat(' ~ vector ~ ', ' ~ vector ~ ')' if doubled else vector }},
            lambda number, place: number - (cast({{ training.thresholds }} as float[]))[place]
        ) as margins
        {%- else %}
        {{ vector }} as margins
        {%- endif %}
    from {{ 'question_rotated' if rotated else rows }} as vectors
),

question_words as (
    select
        margined.*,
        {{ hartonomous.duckdb_words(training, 'cast(margin > 0 as ubigint)') }} as codes,
        {{ hartonomous.duckdb_words(training, 'cast(least(3, cast(round(abs(margin) * margined.scale) as integer)) & 1 as ubigint)') }} as lows,
        {{ hartonomous.duckdb_words(training, 'cast(least(3, cast(round(abs(margin) * margined.scale) as integer)) >> 1 as ubigint)') }} as highs
    from (
        select
            question_margins.*,
            coalesce(1.5 / nullif(list_avg(list_transform(question_margins.margins, lambda margin: abs(margin))), 0), 0) as scale
        from question_margins
    ) as margined
),

question as materialized (
    select
        {%- for key in keys %}
        words.{{ key }},
        {%- endfor %}
        words.embedding,
        {%- if settings.metric != 'cosine' %}
        {{ hartonomous.vector_norm('words.embedding') }} as norm,
        list_sum(list_transform(words.margins, lambda margin: least(3, round(abs(margin) * words.scale)))) as full_weight,
        {%- endif %}
        {%- for word in range(training.words) %}
        words.codes[{{ word + 1 }}] as code_{{ word }},
        words.lows[{{ word + 1 }}] as low_{{ word }},
        words.highs[{{ word + 1 }}] as high_{{ word }}{{ ',' if not loop.last }}
        {%- endfor %}
    from question_words as words
)
{%- endmacro %}

{# All words at once: planning a statement costs by the number of its expressions. #}
{% macro duckdb_words(training, bit) -%}
list_transform(
            range({{ training.words }}),
            lambda word: list_reduce(
                list_transform(margined.margins[64 * word + 1:64 * word + 64], lambda margin: {{ bit }}),
                lambda high, low: (high << 1) | low
            )
        )
{%- endmacro %}

{% macro default__question_ctes(rows, keys, training, settings) %}
    {% do return(hartonomous.unsupported('codes')) %}
{% endmacro %}

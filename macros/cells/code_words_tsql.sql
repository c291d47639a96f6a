{#
  The bits of codes in T-SQL, of any number of vectors at once. What bits look at are rows:

  code_numbers(rows, keys, training, settings)  relation (keys, dimension, number): the numbers of the
                                                vectors, turned where the coding has a rotation
  tsql_margins(...)                             relation (keys, bit, margin): how far above its
                                                threshold each bit's number is
  tsql_words(...)                               select list: the words that a condition sets bits of

  A word is a sum of powers of two, so that it is one aggregate. The highest bit is -2 ^ 63: a BIGINT
  has a sign, and BIT_COUNT, ^ and & do not mind (https://learn.microsoft.com/sql/t-sql/functions/bit-count-transact-sql).
#}
{# `rows`: a relation (keys, vector as JSON text, embedding typed). What a coding may read is named
   where the graph is parsed: which coding it is, is known only when it is built. #}
{% macro sqlserver__code_numbers(rows, keys, training, settings) -%}
{%- do ref('training_vectors' ~ settings.suffix) -%}
(
    select
        {%- for key in keys %}
        coded.{{ key }},
        {%- endfor %}
        {%- if training.coding == 'rotated' %}
        rotation.number as dimension,
        cast(-{{ hartonomous.vector_distance('dot', 'coded.embedding', 'rotation.embedding') }} as real) as number
    from {{ rows | indent(4) }} as coded
    cross join {{ hartonomous.sqlserver_trained('rotation', settings) | indent(4) }} as rotation
        {%- else %}
        cast(entry.[key] as int) as dimension,
        cast(entry.value as real) as number
    from {{ rows | indent(4) }} as coded
    cross apply openjson(coded.vector) as entry
        {%- endif %}
)
{%- endmacro %}

{# `rows`: a relation (keys, dimension, number): vectors are rows there. #}
{% macro fabric__code_numbers(rows, keys, training, settings) -%}
{%- set rotations = source('raw', 'code_rotations') -%}
{%- if training.coding != 'rotated' -%}
{{ rows }}
{%- else -%}
(
    select
        {%- for key in keys %}
        given.{{ key }},
        {%- endfor %}
        rotation.dimension,
        cast(sum(given.number * rotation.value) as real) as number
    from {{ rows | indent(4) }} as given
    inner join {{ rotations }} as rotation
        on rotation.dim = given.dimension
    where rotation.training_id = {{ hartonomous.text_literal(training.training_id) }}
    group by {% for key in keys %}given.{{ key }}, {% endfor %}rotation.dimension
)
{%- endif -%}
{%- endmacro %}

{# DuckDB looks at the numbers where they are: list_transform (code_words.sql). #}
{% macro duckdb__code_numbers(rows, keys, training, settings) %}
    {% do return(hartonomous.unsupported('code_numbers', 'vectors are coded there by code_ctes itself')) %}
{% endmacro %}

{% macro default__code_numbers(rows, keys, training, settings) %}
    {% do return(hartonomous.unsupported('codes')) %}
{% endmacro %}

{# The thresholds stand in the statement and not in raw.code_bits: a training that was landed since
   must not change what the codes mean that a build has stored. #}
{% macro tsql_margins(rows, keys, training, settings) -%}
{%- set numbers = adapter.dispatch('code_numbers', 'hartonomous')(rows, keys, training, settings) -%}
(
    select
        {%- for key in keys %}
        numbers.{{ key }},
        {%- endfor %}
        {%- if training.thresholds %}
        threshold.bit,
        numbers.number - threshold.threshold as margin
    from {{ numbers | indent(4) }} as numbers
    inner join (
        select
            cast(entry.[key] as int) as bit,
            cast(entry.[key] as int) % {{ settings.dimension }} as dimension,
            cast(entry.value as real) as threshold
        from openjson('{{ tojson(training.thresholds) }}') as entry
    ) as threshold
        on threshold.dimension = numbers.dimension
        {%- else %}
        numbers.dimension as bit,
        numbers.number as margin
    from {{ numbers | indent(4) }} as numbers
        {%- endif %}
)
{%- endmacro %}

{# `bits` has the columns of tsql_power: the power is computed once a bit. #}
{% macro tsql_words(bits, name, condition, training, last=true) -%}
        {%- for word in range(training.words) %}
        sum(case when {{ bits }}.word = {{ word }} and {{ condition }} then {{ bits }}.power else 0 end) as {{ name }}_{{ word }}
        {{- ',' if not (last and loop.last) }}
        {%- endfor %}
{%- endmacro %}

{# What a bit adds to which word. The last bit of a word is its lowest, also where the word is not
   full. POWER of a BIGINT is exact; 2 ^ 63 it has not. #}
{% macro tsql_power(bit, training) -%}
{%- set left = training.bits | int % 64 %}
        {{ bit }} / 64 as word,
        case
            {%- if left %}
            when {{ bit }} / 64 = {{ training.words - 1 }} then power(cast(2 as bigint), {{ left - 1 }} - {{ bit }} % 64)
            {%- endif %}
            when {{ bit }} % 64 = 0 then cast(-9223372036854775808 as bigint)
            else power(cast(2 as bigint), 63 - {{ bit }} % 64)
        end as power
{%- endmacro %}

{# Relation (keys, code_0, ...): the codes of `rows`. #}
{% macro tsql_codes(rows, keys, training, settings) -%}
(
    select
        {%- for key in keys %}
        bits.{{ key }},
        {%- endfor %}
        {{- hartonomous.tsql_words('bits', 'code', 'bits.margin > 0', training) }}
    from (
        select
            {%- for key in keys %}
            margins.{{ key }},
            {%- endfor %}
            margins.margin,
            {{ hartonomous.tsql_power('margins.bit', training) | trim | indent(4) }}
        from {{ hartonomous.tsql_margins(rows, keys, training, settings) | indent(8) }} as margins
    ) as bits
    group by {% for key in keys %}bits.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
)
{%- endmacro %}

{% macro sqlserver__code_ctes(name, rows, keys, training, settings) -%}
{{ name }} as {{ hartonomous.tsql_codes(rows, keys, training, settings) }}
{%- endmacro %}

{% macro fabric__code_ctes(name, rows, keys, training, settings) -%}
{{ name }} as {{ hartonomous.tsql_codes(rows, keys, training, settings) }}
{%- endmacro %}

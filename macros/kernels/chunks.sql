{#
  A vector cut into columns. DuckDB's array_inner_product adds serially, each term waiting for the
  one before; several short products of FLOAT[64..128] columns overlap in the processor and run
  twice as fast as one long one (benchmarks/inference).

  chunk_width(width)       numbers a column holds: a divisor of the width where there is one
  chunk_columns(list, width)   `list[1:96]::float[96] as chunk_0, ...`
  dot_product(a, b, width)     the sum of the columns' products
  chunk_segments(width)    the columns' numbers in groups that are multiplied at a time: DuckDB takes
                           a buffer of 2,048 rows for each column in each step of a plan, so that a
                           row of 3,072 numbers needs 24 MiB a step, five steps at a time
Both take `chunks`, the columns' numbers, where not all are meant.
#}
{% macro chunk_segments(width) %}
    {%- set count = hartonomous.chunk_count(width) -%}
    {%- set most = var('inference_segment') | int // hartonomous.chunk_width(width) or 1 -%}
    {%- set segments = (count + most - 1) // most -%}
    {%- set found = [] -%}
    {%- for number in range(segments) -%}
        {% do found.append(range(count * number // segments, count * (number + 1) // segments) | list) %}
    {%- endfor -%}
    {% do return(found) %}
{% endmacro %}

{% macro chunk_width(width) %}
    {% if width <= 128 %}
        {% do return(width) %}
    {% endif %}
    {%- for candidate in range(128, 63, -1) if width % candidate == 0 -%}
        {% if loop.first %}
            {% do return(candidate) %}
        {% endif %}
    {%- endfor -%}
    {% do return(128) %}
{% endmacro %}

{% macro chunk_count(width) %}
    {%- set size = hartonomous.chunk_width(width) -%}
    {% do return((width + size - 1) // size) %}
{% endmacro %}

{# The last column is padded with zeros where the width is no multiple. `list` must be FLOAT[]:
   DuckDB 1.5 reads garbage when it casts a slice of a DOUBLE[] to an array. #}
{% macro chunk_columns(list, width, prefix='chunk', chunks=none) -%}
    {%- set size = hartonomous.chunk_width(width) -%}
    {%- set count = hartonomous.chunk_count(width) -%}
    {%- for number in chunks or range(count) %}
        {%- set last = size * (number + 1) -%}
        {%- if last <= width -%}
cast({{ list }}[{{ size * number + 1 }}:{{ last }}] as float[{{ size }}]) as {{ prefix }}_{{ number }}
        {%- else -%}
cast(list_resize({{ list }}[{{ size * number + 1 }}:{{ width }}], {{ size }}, cast(0 as float)) as float[{{ size }}]) as {{ prefix }}_{{ number }}
        {%- endif -%}
        {{ ',\n' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro dot_product(a, b, width, prefix='chunk', chunks=none) -%}
    {%- for number in chunks or range(hartonomous.chunk_count(width)) -%}
array_inner_product({{ a }}.{{ prefix }}_{{ number }}, {{ b }}.chunk_{{ number }})
        {{- '\n+ ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#
  A vector cut into columns. DuckDB's array_inner_product adds serially, each term waiting for the
  one before; several short products of FLOAT[64..128] columns overlap in the processor and run
  twice as fast as one long one (benchmarks/inference).

  chunk_width(width)       numbers a column holds: a divisor of the width where there is one
  chunk_columns(list, width)   `list[1:96]::float[96] as chunk_0, ...`
  dot_product(a, b, width)     the sum of the columns' products
#}
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
{% macro chunk_columns(list, width, prefix='chunk') -%}
    {%- set size = hartonomous.chunk_width(width) -%}
    {%- set count = hartonomous.chunk_count(width) -%}
    {%- for number in range(count) %}
        {%- set last = size * (number + 1) -%}
        {%- if last <= width -%}
cast({{ list }}[{{ size * number + 1 }}:{{ last }}] as float[{{ size }}]) as {{ prefix }}_{{ number }}
        {%- else -%}
cast(list_resize({{ list }}[{{ size * number + 1 }}:{{ width }}], {{ size }}, cast(0 as float)) as float[{{ size }}]) as {{ prefix }}_{{ number }}
        {%- endif -%}
        {{ ',\n' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro dot_product(a, b, width, prefix='chunk') -%}
    {%- for number in range(hartonomous.chunk_count(width)) -%}
array_inner_product({{ a }}.{{ prefix }}_{{ number }}, {{ b }}.chunk_{{ number }})
        {{- '\n+ ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#
  Characters in T-SQL. Texts of tokenizers stand in a collation whose functions count UTF-16 units,
  whatever the database's collation counts, and which compares bit by bit. Comparing still pads with
  spaces: lengths are DATALENGTH / 2, texts are grouped and joined by their hash.

  tsql_units                  the collation
  tsql_codepoints(text, name) a CROSS APPLY: a row a character of a text, as (place, codepoint,
                              character); half of a surrogate pair is U+FFFD
  tsql_known_characters(tokenizer, name)  a LEFT JOIN of what is landed of `codepoint` of a row
#}
{% macro tsql_units() -%}
    collate Latin1_General_BIN2
{%- endmacro %}

{% macro tsql_length(text) -%}
    cast(datalength({{ text }}) / 2 as int)
{%- endmacro %}

{% macro tsql_codepoints(text, name) -%}
    {%- set units = text ~ ' ' ~ hartonomous.tsql_units() -%}
    {%- set is_pair = name ~ '_units.unit between 55296 and 56319 and ' ~ name ~ '_units.after between 56320 and 57343' -%}
cross apply generate_series(1, {{ hartonomous.tsql_length(text) }}, 1) as {{ name }}_unit
cross apply (
    select
        coalesce(unicode(substring({{ units }}, {{ name }}_unit.value - 1, 1)), 0) as before,
        coalesce(unicode(substring({{ units }}, {{ name }}_unit.value, 1)), 0) as unit,
        coalesce(unicode(substring({{ units }}, {{ name }}_unit.value + 1, 1)), 0) as after
) as {{ name }}_units
cross apply (
    select
        {{ name }}_unit.value as place,
        case
            when {{ is_pair }}
                then ({{ name }}_units.unit - 55296) * 1024 + {{ name }}_units.after - 56320 + 65536
            when {{ name }}_units.unit between 55296 and 57343 then 65533
            else {{ name }}_units.unit
        end as codepoint,
        case
            when {{ is_pair }} then substring({{ units }}, {{ name }}_unit.value, 2)
            when {{ name }}_units.unit between 55296 and 57343 then nchar(65533) {{ hartonomous.tsql_units() }}
            else substring({{ units }}, {{ name }}_unit.value, 1)
        end as character
    where not (
        {{ name }}_units.unit between 56320 and 57343
        and {{ name }}_units.before between 55296 and 56319
    )
) as {{ name }}
{%- endmacro %}

{% macro tsql_known_characters(tokenizer, codepoint, name) -%}
left join {{ ref('tokenizer_characters') }} as {{ name }}
    on {{ name }}.tokenizer_key = {{ hartonomous.tokenizer_key_value(tokenizer) }}
    and {{ name }}.page = {{ codepoint }} / 256
    and {{ codepoint }} between {{ name }}.first_codepoint and {{ name }}.last_codepoint
{%- endmacro %}

{# A code point as text, also where NCHAR takes no more than 65535. #}
{% macro tsql_character(codepoint) -%}
case
    when {{ codepoint }} < 65536 then nchar({{ codepoint }}) {{ hartonomous.tsql_units() }}
    else nchar(55296 + ({{ codepoint }} - 65536) / 1024) {{ hartonomous.tsql_units() }}
        + nchar(56320 + ({{ codepoint }} - 65536) % 1024) {{ hartonomous.tsql_units() }}
end
{%- endmacro %}

{#
  lexical_words(rows, keys): a SELECT of the words of texts: (keys, term), one row an occurrence, from a
  relation `rows` (keys, text). A word is a run of letters, marks and digits in lower case, cut to its
  first 100 characters; languages that are written without spaces have one word a run.
  word_count(text): how many they are.

  The same regular expression on every engine: both run RE2.
#}
{% macro lexical_words(rows, keys) %}
    {% do return(adapter.dispatch('lexical_words', 'hartonomous')(rows, keys)) %}
{% endmacro %}

{% macro word_count(text) %}
    {% do return(adapter.dispatch('word_count', 'hartonomous')(text)) %}
{% endmacro %}

{% macro word_pattern() -%}
    {{ hartonomous.text_literal('[\\p{L}\\p{M}\\p{N}]+') }}
{%- endmacro %}

{% macro duckdb__lexical_words(rows, keys) -%}
select
    {%- for key in keys %}
    split.{{ key }},
    {%- endfor %}
    left(split.word, 100) as term
from (
    select
        {%- for key in keys %}
        written.{{ key }},
        {%- endfor %}
        unnest(regexp_extract_all(lower(written.text), {{ hartonomous.word_pattern() }})) as word
    from {{ rows | indent(4) }} as written
) as split
{%- endmacro %}

{% macro duckdb__word_count(text) -%}
    len(regexp_extract_all(lower({{ text }}), {{ hartonomous.word_pattern() }}))
{%- endmacro %}

{# Words compare by code point, whatever the collation of the database is. The cast makes them fit a key.
   https://learn.microsoft.com/sql/t-sql/functions/regexp-matches-transact-sql #}
{% macro sqlserver__lexical_words(rows, keys) -%}
select
    {%- for key in keys %}
    written.{{ key }},
    {%- endfor %}
    cast(left(word.match_value, 100) as {{ hartonomous.sql_type('key') }}) collate Latin1_General_100_BIN2 as term
from {{ rows }} as written
cross apply regexp_matches(lower(written.text), {{ hartonomous.word_pattern() }}) as word
{%- endmacro %}

{% macro sqlserver__word_count(text) -%}
    (select count(*) from regexp_matches(lower({{ text }}), {{ hartonomous.word_pattern() }}))
{%- endmacro %}

{% macro default__lexical_words(rows, keys) %}
    {% do return(hartonomous.unsupported('words of a text')) %}
{% endmacro %}

{% macro default__word_count(text) %}
    {% do return(hartonomous.unsupported('words of a text')) %}
{% endmacro %}

{# Whether texts are searched by their words: where the engine reads text, unless the var says no. #}
{% macro searches_words() %}
    {% do return(hartonomous.supports('tokenizers') and var('lexical_search')) %}
{% endmacro %}

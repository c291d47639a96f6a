{#
  lexical_texts(): every landed text with a number, which stands for its long id in lexical_terms, and
  its length in words. lexical_terms(): how often which word stands in which text, in the order of
  the words, so that a search reads the few blocks that hold its own.

  Plain tables, not the engine's full-text index: DuckDB's drops digits, needs its extension in every
  reader and is made anew as a whole at every build; SQL Server's scores by another formula. Both tables
  are incremental.

  A removed text leaves both in one transaction, after the new ones were numbered: so no number is
  ever given to two texts.
#}
{% macro lexical_texts() %}
    {{ config(
        enabled=hartonomous.searches_words(),
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        indexes=hartonomous.table_indexes(['text_number']),
    ) }}
select
    cast(
        {%- if is_incremental() %}
        coalesce((select max(present.text_number) from {{ this.include(database=false) }} as present), 0) +
        {%- endif %}
        row_number() over (order by landed.text_id) as {{ hartonomous.sql_type('int') }}
    ) as text_number,
    landed.text_id,
    cast({{ hartonomous.word_count('landed.text') }} as {{ hartonomous.sql_type('int') }}) as length
from {{ source('raw', 'texts') }} as landed
{%- if is_incremental() %}
where not exists (
    select 1
    from {{ this.include(database=false) }} as present
    where present.text_id = landed.text_id
)
{%- endif %}
{% endmacro %}

{% macro lexical_terms() %}
    {{ config(
        enabled=hartonomous.searches_words(),
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        indexes=hartonomous.table_indexes(['term', 'text_number']),
        post_hook=[
            "{{ hartonomous.delete_unlanded_terms(this) }}",
            "{{ hartonomous.delete_unlanded_texts(this) }}",
        ],
    ) }}
    {%- set written -%}
(
    select
        known.text_number,
        known.length,
        landed.text
    from {{ ref('lexical_texts') }} as known
    inner join {{ source('raw', 'texts') }} as landed
        on landed.text_id = known.text_id
    {%- if is_incremental() %}
    where known.text_number > coalesce((select max(present.text_number) from {{ this.include(database=false) }} as present), 0)
    {%- endif %}
)
    {%- endset -%}
select
    word.term,
    word.text_number,
    cast(count(*) as {{ hartonomous.sql_type('int') }}) as occurrences,
    word.length
from (
    {{ hartonomous.lexical_words(written, ['text_number', 'length']) | indent(4) }}
) as word
group by word.term, word.text_number, word.length
{{ hartonomous.stored_by(['word.term', 'word.text_number']) }}
{% endmacro %}

{# The order in which a table's rows are written, where that is what clusters them. #}
{% macro stored_by(columns) %}
    {% do return(adapter.dispatch('stored_by', 'hartonomous')(columns)) %}
{% endmacro %}

{% macro duckdb__stored_by(columns) -%}
    order by {{ columns | join(', ') }}
{%- endmacro %}

{# A clustered index does it (table_indexes). #}
{% macro default__stored_by(columns) %}{% endmacro %}

{% macro unlanded_texts() -%}
    select known.text_number
    from {{ ref('lexical_texts') }} as known
    where not exists (
        select 1
        from {{ source('raw', 'texts') }} as landed
        where landed.text_id = known.text_id
    )
{%- endmacro %}

{% macro delete_unlanded_terms(relation) %}
    {% if execute and is_incremental() %}
        {% do return(hartonomous.delete_rows(relation, 'present.text_number in (' ~ hartonomous.unlanded_texts() ~ ')')) %}
    {% endif %}
{% endmacro %}

{% macro delete_unlanded_texts(relation) %}
    {% if execute and is_incremental() %}
        {% do return(hartonomous.delete_rows(
            builtins.ref('lexical_texts'), 'present.text_number in (' ~ hartonomous.unlanded_texts() ~ ')'
        )) %}
    {% endif %}
{% endmacro %}

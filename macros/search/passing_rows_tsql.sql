{#
  The embeddings that pass every filter, as a SELECT of embedding_id in T-SQL: all of them where there
  is no filter. Metadata is read from embedding_attributes, by its index on the column, so that no
  row's JSON is taken apart. The join compares names as that index does, the condition after it as
  the filters do: letter by letter.
#}
{% macro sqlserver_passing_rows(settings) -%}
    {{ hartonomous.tsql_passing_rows(settings, '#filters') }}
{%- endmacro %}

{% macro fabric_passing_rows(settings) -%}
    {{ hartonomous.tsql_passing_rows(settings, '(\n' ~ hartonomous.tsql_filter_rows('@filters') ~ ')') }}
{%- endmacro %}

{% macro tsql_passing_rows(settings, wanted) -%}
select met.embedding_id
from (
    select
        wanted.filter_id,
        attribute.embedding_id
    from {{ wanted | indent(4) }} as wanted
    inner join {{ ref('embedding_attributes' ~ settings.suffix) }} as attribute
        on attribute.column_name = wanted.column_name
    {{ hartonomous.tsql_filter_orders('attribute.value') | indent(4) }}
    where attribute.column_name = wanted.column_name {{ hartonomous.tsql_binary() }}
        and {{ hartonomous.tsql_filter_met('attribute.value') | indent(8) }} = 1

    union all

    select
        wanted.filter_id,
        field.embedding_id
    from {{ wanted | indent(4) }} as wanted
    inner join (
        select
            embedding.embedding_id,
            'source_text' as column_name,
            embedding.source_text as value
        from {{ ref('embeddings' ~ settings.suffix) }} as embedding

        union all

        select
            embedding.embedding_id,
            'embedding_id' as column_name,
            cast(embedding.embedding_id as {{ hartonomous.sql_type('text') }}) as value
        from {{ ref('embeddings' ~ settings.suffix) }} as embedding
    ) as field
        on field.column_name = wanted.column_name
    {{ hartonomous.tsql_filter_orders('field.value') | indent(4) }}
    where {{ hartonomous.tsql_filter_met('field.value') | indent(8) }} = 1
) as met
group by met.embedding_id
having count(distinct met.filter_id) = (select count(*) from {{ wanted | indent(4) }} as wanted)

union all

select embedding.embedding_id
from {{ ref('embeddings' ~ settings.suffix) }} as embedding
where not exists (select 1 from {{ wanted | indent(4) }} as wanted)
{%- endmacro %}

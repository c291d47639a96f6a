{#
  duplicates(min_similarity, top_k): pairs of rows whose cosine similarity is at least min_similarity, the
  most alike first: (embedding_id, other_embedding_id, source_text, other_source_text, similarity).

  Rows are paired within cells, where both stand, by their codes: two directions at angle a differ in
  a share a / pi of random bits (Charikar 2002), so pairs that differ in more bits than that by three
  standard deviations are not compared in full. A pair that shares no cell is missed; rows near a
  border stand in several. A space without cells compares every pair. T-SQL: sp_Duplicates.
#}
{% macro duplicates(space=none) %}
    {{ hartonomous.only_where('vector') }}
    {%- set settings = hartonomous.space_settings(space) -%}
    {%- do hartonomous.searched_tables(settings) -%}
    {{ hartonomous.callable('sp_Duplicates' ~ settings.suffix, [
        {'name': 'min_similarity', 'type': 'double', 'default': 0.95},
        {'name': 'top_k', 'type': 'int', 'default': 1000},
    ], space) }}
    {{ adapter.dispatch('duplicates', 'hartonomous')(settings, hartonomous.space_training(space)) }}
{% endmacro %}

{% macro duckdb__duplicates(settings, training) -%}
{%- set embeddings = ref('embeddings' ~ settings.suffix) -%}
with pair as materialized (
    {%- if training.cells | int == 0 %}
    select
        one.embedding_id as embedding_id,
        other.embedding_id as other_embedding_id
    from {{ embeddings }} as one
    inner join {{ embeddings }} as other
        on other.embedding_id > one.embedding_id
    {%- else %}
    select distinct
        least(compared.one_id, compared.other_id) as embedding_id,
        greatest(compared.one_id, compared.other_id) as other_embedding_id
    from {{ hartonomous.compared_codes(training, settings, ['embedding_id as one_id', 'question.embedding_id as other_id'],
        'from ' ~ ref('cell_codes' ~ settings.suffix) ~ ' as coded\ninner join ' ~ ref('cell_codes' ~ settings.suffix)
        ~ ' as question\n    on question.cell = coded.cell\nwhere coded.is_home and question.embedding_id <> coded.embedding_id'
    ) | indent(4) }} as compared
    where compared.difference <= {{ hartonomous.most_differing_bits('min_similarity', training) }}
    {%- endif %}
)

select
    one.embedding_id as embedding_id,
    other.embedding_id as other_embedding_id,
    one.source_text as source_text,
    other.source_text as other_source_text,
    1 - {{ hartonomous.vector_distance('cosine', 'one.embedding', 'other.embedding') }} as similarity
from pair
inner join {{ embeddings }} as one
    on one.embedding_id = pair.embedding_id
inner join {{ embeddings }} as other
    on other.embedding_id = pair.other_embedding_id
where 1 - {{ hartonomous.vector_distance('cosine', 'one.embedding', 'other.embedding') }} >= min_similarity
    and {{ hartonomous.is_landed(settings, 'one') | indent(4) }}
    and {{ hartonomous.is_landed(settings, 'other') | indent(4) }}
order by similarity desc, one.embedding_id, other.embedding_id
limit top_k
{%- endmacro %}

{# Bits in which two rows of that cosine may differ: the expected number and three deviations. #}
{% macro most_differing_bits(similarity, training) -%}
    {%- set share = '(acos(case when ' ~ similarity ~ ' > 1 then 1.0e0 when ' ~ similarity ~ ' < -1 then -1.0e0 else '
        ~ similarity ~ ' end) / 3.141592653589793e0)' -%}
    2 + {{ training.bits }} * {{ share }} + 3 * sqrt({{ training.bits }} * {{ share }} * (1 - {{ share }}))
{%- endmacro %}

{% macro default__duplicates(settings, training) %}
    {% do return(hartonomous.unsupported('duplicates')) %}
{% endmacro %}

{% macro sqlserver__duplicates(settings, training) %}
    {%- set embeddings = ref('embeddings' ~ settings.suffix) -%}
    {%- set codes = ref('cell_codes' ~ settings.suffix) -%}
    {{- hartonomous.check_parameters(required=['min_similarity'], filters=false) }}
create table #pair (
    embedding_id int not null,
    other_embedding_id int not null,
    primary key (embedding_id, other_embedding_id)
);
if exists (select 1 from {{ codes }})
    insert into #pair (embedding_id, other_embedding_id)
    select distinct
        case when one.embedding_id < other.embedding_id then one.embedding_id else other.embedding_id end as embedding_id,
        case when one.embedding_id < other.embedding_id then other.embedding_id else one.embedding_id end as other_embedding_id
    from {{ codes }} as one
    inner join {{ codes }} as other
        on other.cell = one.cell and other.embedding_id <> one.embedding_id
    where one.is_home = 1
        and (
            {%- for column in training.columns %}
            bit_count(one.{{ column }} ^ other.{{ column }}){{ ' +' if not loop.last }}
            {%- endfor %}
        ) <= {{ hartonomous.most_differing_bits('@min_similarity', training) }};
else
    insert into #pair (embedding_id, other_embedding_id)
    select
        one.embedding_id,
        other.embedding_id as other_embedding_id
    from {{ embeddings }} as one
    inner join {{ embeddings }} as other
        on other.embedding_id > one.embedding_id;

select top (@top_k)
    one.embedding_id,
    other.embedding_id as other_embedding_id,
    one.source_text,
    other.source_text as other_source_text,
    1 - {{ hartonomous.vector_distance('cosine', 'one.embedding', 'other.embedding') }} as similarity
from #pair as pair
inner join {{ embeddings }} as one
    on one.embedding_id = pair.embedding_id
inner join {{ embeddings }} as other
    on other.embedding_id = pair.other_embedding_id
where 1 - {{ hartonomous.vector_distance('cosine', 'one.embedding', 'other.embedding') }} >= @min_similarity
    and {{ hartonomous.is_landed(settings, 'one') | indent(4) }}
    and {{ hartonomous.is_landed(settings, 'other') | indent(4) }}
order by similarity desc, one.embedding_id asc, other.embedding_id asc;
{% endmacro %}

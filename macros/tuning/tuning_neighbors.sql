{#
  tuning_neighbors(space): the exact ten nearest rows of every tuning query. Of landed queries they are
  known: landing computed them, in float64, and keeps them (raw.reference_neighbors, by cosine). Others
  are compared with every row, which at a million takes a quarter of the build.
#}
{% macro tuning_neighbors(space=none) %}
    {{ hartonomous.only_where('vector') }}
    {{ hartonomous.tuning_table(space, 'behind_queries') }}
    {%- set settings = hartonomous.space_settings(space) -%}
    {%- set behind = hartonomous.behind_queries(space) -%}
    {%- set condition = '1 = 1' if behind else '1 = 0' -%}
    {%- set embeddings, queries = ref('embeddings' ~ settings.suffix), ref('tuning_queries' ~ settings.suffix) -%}
    {%- set landed, references = source('raw', 'queries'), source('raw', 'reference_neighbors') -%}
    {%- if behind and hartonomous.has_references(space, settings, landed, references) %}
        {{- hartonomous.landed_neighbor_rows(settings, queries, landed, references, condition) }}
    {%- else %}
        {{- adapter.dispatch('tuning_neighbor_rows', 'hartonomous')(settings, embeddings, queries, condition) }}
    {%- endif %}
{% endmacro %}

{# Whether the tuning goes by landed queries, each of which has all its neighbors. #}
{% macro has_references(space, settings, landed, references) %}
    {%- set state = hartonomous.tuning_state(space) -%}
    {% if not execute or settings.metric != 'cosine' or state.query_source != 'held_out' %}
        {% do return(false) %}
    {% endif %}
    {%- set of_space = ' where space_id = ' ~ hartonomous.text_literal(settings.space_id) -%}
    {%- set found = run_query(
        'select (select count(*) from ' ~ landed ~ of_space ~ '), (select count(*) from ' ~ references ~ of_space ~ ')'
    ) -%}
    {% if found is none or found.rows | length == 0 %}{% do return(false) %}{% endif %}
    {% do return(found.rows[0][1] | int == (found.rows[0][0] | int) * ([state.space_rows, 10] | min)) %}
{% endmacro %}

{% macro landed_neighbor_rows(settings, queries, landed, references, condition) -%}
select
    query.query_id,
    query.tuning_key,
    reference.embedding_id
from {{ queries }} as query
inner join {{ hartonomous.numbered_queries(settings, landed) }} as numbered
    on numbered.query_id = query.query_id
inner join {{ references }} as reference
    on reference.query_id = numbered.landed_id
where reference.space_id = {{ hartonomous.text_literal(settings.space_id) }}
    and {{ condition }}
{%- endmacro %}

{% macro duckdb__tuning_neighbor_rows(settings, embeddings, queries, condition) -%}
select
    compared.query_id,
    compared.tuning_key,
    unnest(min_by(compared.embedding_id, compared.distance, 10)) as embedding_id
from (
    select
        query.query_id,
        query.tuning_key,
        embedding.embedding_id,
        {{ hartonomous.vector_distance(settings.metric, 'embedding.embedding', 'query.embedding') }} as distance
    from {{ embeddings }} as embedding
    cross join {{ queries }} as query
    where embedding.embedding_id is distinct from query.own_id
        and {{ condition }}
) as compared
group by compared.query_id, compared.tuning_key
{%- endmacro %}

{% macro default__tuning_neighbor_rows(settings, embeddings, queries, condition) %}
    {% do return(hartonomous.unsupported('tuning')) %}
{% endmacro %}

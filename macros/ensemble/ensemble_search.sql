{#
  ensemble_search(query_vectors, query_text, top_k, fusion): the texts that several embedding models, and
  their words, find together. Texts of different spaces are the same where text_id is.

  query_vectors   a JSON object {space_id: [numbers]}; a space that it does not name does not vote
  query_text      the question, for BM25 (lexical_search); NULL: `lexical` does not vote
  fusion          reciprocal_rank: the sum of weight / (60 + rank) (Cormack, Clarke and Buettcher 2009);
                  weighted: the sum of weight * (similarity - mean) / sd, divided by the sum of the
                  weights of all who vote

  Each member contributes its nearest ensemble_depth texts, or top_k where those are more, found by its
  space's vector_search; a text that is not among them gets nothing from it. Weights and calibration
  are those of the model ensemble_members when it is called; weight 0 leaves a member out.

  Returns text_id, source_text, score, votes (JSON: member -> {rank, similarity, contribution}, the
  contributions summing up to the score), best first; ties by text_id. T-SQL: sp_EnsembleSearch.
#}
{% macro ensemble_search() %}
    {{ hartonomous.only_where('vector') }}
    {{ hartonomous.callable('sp_EnsembleSearch', [
        {'name': 'query_vectors', 'type': 'json'},
        {'name': 'query_text', 'type': 'text'},
        {'name': 'top_k', 'type': 'int', 'default': 10},
        {'name': 'fusion', 'type': 'key', 'default': 'reciprocal_rank'},
    ]) }}
    {%- set spaces = [] -%}
    {%- for space in hartonomous.ensemble_spaces() -%}
        {% do spaces.append(hartonomous.space_settings(space)) %}
    {%- endfor -%}
    {{ adapter.dispatch('ensemble_search', 'hartonomous')(spaces, ref('ensemble_members')) }}
{% endmacro %}

{% macro duckdb__ensemble_search(spaces, members) -%}
{%- set depth = 'greatest(' ~ var('ensemble_depth') ~ ', top_k)' -%}
with asked as materialized (
    select
        {{ hartonomous.duckdb_checked_fusion(spaces) | indent(8) }} as fusion
),

member as materialized (
    select
        listed.member,
        listed.weight,
        listed.mean_similarity,
        nullif(listed.sd_similarity, 0) as sd_similarity,
        sum(listed.weight) over () as total_weight,
        asked.fusion
    from {{ members }} as listed
    cross join asked
    where listed.weight > 0
        and case
            when listed.member = 'lexical' then query_text is not null
            else list_contains(json_keys(query_vectors), listed.member)
        end
),

vote as (
    {%- for space in spaces %}
    {%- set vector = hartonomous.duckdb_vector_of(space) %}
    select
        '{{ space.space_id }}' as member,
        embedding.text_id,
        found.source_text,
        row_number() over (order by found.distance, found.embedding_id) as place,
        found.similarity
    from {{ ref('vector_search' ~ space.suffix) }}({{ vector }}, {{ depth }}) as found
    inner join {{ ref('embeddings' ~ space.suffix) }} as embedding
        on embedding.embedding_id = found.embedding_id
    {#- no vector, no search: the condition is known before anything runs #}
    where {{ vector }} is not null
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
    {%- if hartonomous.searches_words() %}

    union all

    select
        'lexical' as member,
        found.text_id,
        found.source_text,
        row_number() over (order by found.score desc, found.text_id asc) as place,
        found.similarity
    from {{ ref('lexical_search') }}(query_text, {{ depth }}) as found
    {%- endif %}
),

contribution as (
    select
        vote.member,
        vote.text_id,
        vote.source_text,
        vote.place,
        vote.similarity,
        case member.fusion
            when 'reciprocal_rank' then member.weight / (60 + vote.place)
            when 'weighted' then member.weight / member.total_weight
                * coalesce((vote.similarity - member.mean_similarity) / member.sd_similarity, 0)
        end as contribution
    from vote
    inner join member
        on member.member = vote.member
)

select
    contribution.text_id,
    min(contribution.source_text) as source_text,
    sum(contribution.contribution order by contribution.member) as score,
    cast(to_json(map_from_entries(list(
        (
            contribution.member,
            {
                'rank': contribution.place,
                'similarity': contribution.similarity,
                'contribution': contribution.contribution
            }
        ) order by contribution.member
    ))) as varchar) as votes
from contribution
group by contribution.text_id
order by score desc, contribution.text_id asc
limit top_k
{%- endmacro %}

{# A space's vector as JSON text; NULL where there is none, or, which is refused, of another length. #}
{% macro duckdb_vector_of(space) -%}
    {%- set path = "query_vectors, '$.\"" ~ space.space_id ~ "\"'" -%}
    case when json_array_length({{ path }}) = {{ space.dimension }} then cast(json_extract({{ path }}) as varchar) end
{%- endmacro %}

{# The fusion, or an error that says what is wrong with the parameters. #}
{% macro duckdb_checked_fusion(spaces) -%}
{%- set known = spaces | map(attribute='space_id') | list -%}
{%- set unknown = "list_filter(json_keys(query_vectors), lambda space_id: space_id not in ('" ~ known | join("', '") ~ "'))" -%}
case
    when fusion is null or fusion not in ('reciprocal_rank', 'weighted')
        then error('unknown fusion ' || coalesce(fusion, 'NULL') || '; use reciprocal_rank or weighted')
    when query_vectors is not null and json_type(query_vectors) <> 'OBJECT'
        then error('query_vectors must be a JSON object of space_id: [numbers]; it is ' || json_type(query_vectors))
    when len({{ unknown }}) > 0
        then error('query_vectors: unknown space ' || array_to_string({{ unknown }}, ', ') || '; there is {{ known | join(', ') }}')
    {%- for space in spaces %}
    when json_array_length(query_vectors, '$."{{ space.space_id }}"') <> {{ space.dimension }}
        then error('query_vectors: {{ space.space_id }} takes an array of {{ space.dimension }} numbers; it has '
            || json_array_length(query_vectors, '$."{{ space.space_id }}"'))
    {%- endfor %}
    when query_text is null and coalesce(len(json_keys(query_vectors)), 0) = 0
        then error('nobody votes: query_vectors names no space, and query_text is NULL')
    else fusion
end
{%- endmacro %}

{% macro default__ensemble_search(spaces, members) %}
    {% do return(hartonomous.unsupported('ensemble_search')) %}
{% endmacro %}

{#
  cell_assignment_ctes(settings, training, embeddings): CTEs that end with `assigned` (embedding_id,
  cell, is_home): the cells of every embedding that is to be coded.

  Of its nearest cells a row stands in the first, and in each other whose centroid is nearer to it than
  to any of the row's nearer cells' centroids: the relative-neighborhood rule of SPANN (Chen et al.,
  NeurIPS 2021, arXiv:2111.08566), relaxed by `border_overlap`, as long as that cell is at most
  `border_distance` times as far as the nearest. A row stands in two cells on average, which halves the
  codes to compare for one recall.

  The nearest cells must really be found: with one row in six in another cell than its nearest, a search
  compared twice as many codes (docs/decisions/0011-search-by-cells-and-codes.md). DuckDB looks them up
  in a vector index of the cells (centroid_index.sql), the others compare a row with the centers of all
  groups of cells and then with the cells of the nearest groups.
#}
{% macro cell_assignment_ctes(settings, training, embeddings) %}
    {% do return(adapter.dispatch('cell_assignment_ctes', 'hartonomous')(settings, training, embeddings)) %}
{% endmacro %}

{# Distances that order a row's cells and can be compared with those between cells. Centroids of
   directions have length 1, so the row's own length is divided by where it matters. A lateral join by an
   index runs on one thread: there is one for each part of the rows. Its filter compares with constants,
   else DuckDB would not go by the index. #}
{% macro duckdb__cell_assignment_ctes(settings, training, embeddings) -%}
{%- set by_direction = settings.metric != 'euclidean' -%}
{%- set metric = 'dot' if by_direction else 'euclidean' -%}
found as (
    {%- for part in hartonomous.embedding_ranges(settings, 4) %}
    select
        stored.embedding_id,
        near.cell,
        near.distance,
        {{ hartonomous.vector_norm('stored.embedding') if by_direction else '1' }} as norm
    from {{ hartonomous.duckdb_uncoded_rows(embeddings) }} as stored,
        lateral (
            select
                centroid.cell,
                {{ hartonomous.vector_distance(metric, 'stored.embedding', 'centroid.embedding') }} as distance
            from {{ hartonomous.centroid_table() }} as centroid
            order by distance
            limit {{ var('border_cells') }}
        ) as near
    where stored.embedding_id >= {{ part.first }} and stored.embedding_id < {{ part.end }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

ranked as (
    select
        found.embedding_id,
        found.cell,
        {{ '1 + found.distance / nullif(found.norm, 0)' if by_direction else 'found.distance' }} as distance,
        row_number() over (partition by found.embedding_id order by found.distance, found.cell) as place
    from found
),

near_cell as materialized (
    select
        near.embedding_id,
        near.cell,
        near.distance,
        near.place
    from (
        select
            ranked.*,
            min(ranked.distance) over (partition by ranked.embedding_id) as home_distance
        from ranked
    ) as near
    where near.place = 1 or near.distance <= {{ var('border_distance') }} * near.home_distance
),

reach as materialized (
    select
        near_cell.cell,
        max(near_cell.distance) as distance
    from near_cell
    where near_cell.place > 1
    group by near_cell.cell
),

cell_pair as materialized (
    select *
    from (
        select
            one.cell as cell,
            other.cell as other_cell,
            {{ '1 + ' if by_direction }}{{ hartonomous.vector_distance(metric, 'one.embedding', 'other.embedding') }} as distance,
            reach.distance as reach
        from {{ hartonomous.centroid_table() }} as one
        cross join {{ hartonomous.centroid_table() }} as other
        inner join reach
            on reach.cell = other.cell
    ) as pair
    where {{ var('border_overlap') }} * pair.distance < pair.reach
),

crossed as materialized (
    select distinct
        farther.embedding_id,
        farther.cell
    from near_cell as farther
    inner join near_cell as nearer
        on nearer.embedding_id = farther.embedding_id and nearer.place < farther.place
    inner join cell_pair
        on cell_pair.cell = nearer.cell and cell_pair.other_cell = farther.cell
    where {{ var('border_overlap') }} * cell_pair.distance < farther.distance
),

assigned as materialized (
    select
        near_cell.embedding_id,
        near_cell.cell,
        near_cell.place = 1 as is_home
    from near_cell
    where not exists (
        select 1
        from crossed
        where crossed.embedding_id = near_cell.embedding_id and crossed.cell = near_cell.cell
    )
)
{%- endmacro %}

{% macro default__cell_assignment_ctes(settings, training, embeddings) %}
    {% do return(hartonomous.unsupported('cells')) %}
{% endmacro %}

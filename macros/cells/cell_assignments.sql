{#
  cell_assignment_ctes(settings, training, embeddings): CTEs that end with `assigned` (embedding_id,
  cell, is_home): the cells of every embedding that is to be coded.

  A row is compared with the centers of all groups of cells and then with the cells of the nearest
  groups only: with a thousand cells a sixth of the work. Of its nearest cells it stands in the
  first, and in each other whose centroid is nearer to it than to any of the row's nearer cells'
  centroids: the relative-neighborhood rule of SPANN (Chen et al., NeurIPS 2021, arXiv:2111.08566),
  relaxed by `border_overlap`, as long as that cell is at most `border_distance` times as far as the
  nearest. A row stands in two cells on average, which halves the codes to compare for one recall.
#}
{% macro cell_assignment_ctes(settings, training, embeddings) %}
    {% do return(adapter.dispatch('cell_assignment_ctes', 'hartonomous')(settings, training, embeddings)) %}
{% endmacro %}

{# Distances that order a row's cells and can be compared with those between cells. Centroids of
   directions have length 1, so the row's own length is divided by where it matters. #}
{% macro duckdb__cell_assignment_ctes(settings, training, embeddings) -%}
{%- set by_direction = settings.metric != 'euclidean' -%}
{%- set metric = 'dot' if by_direction else 'euclidean' -%}
{%- set vector_type = 'float[' ~ settings.dimension ~ ']' -%}
{%- set groups = range(training.cell_groups | int) if training.cells | int > var('cells_compared') else [none] -%}
cell as materialized (
    select
        landed.cell,
        landed.cell_group,
        cast(landed.vector as {{ vector_type }}) as embedding
    from {{ source('raw', 'cells') }} as landed
    where landed.training_id = {{ hartonomous.text_literal(training.training_id) }}
),

uncoded as materialized (
    select
        embedding.embedding_id,
        {{ hartonomous.vector_norm('embedding.embedding') if by_direction else '1' }} as norm
    from {{ embeddings }} as embedding
    where {{ hartonomous.uncoded(training, 'embedding') | indent(8) }}
),
{%- if groups != [none] %}

near_group as materialized (
    select
        compared.embedding_id,
        unnest(min_by(compared.cell_group, compared.distance, {{ var('cell_groups_compared') }})) as cell_group
    from (
        select
            embedding.embedding_id,
            center.cell_group,
            {{ hartonomous.vector_distance(metric, 'embedding.embedding', 'cast(center.vector as ' ~ vector_type ~ ')') }} as distance
        from {{ embeddings }} as embedding
        cross join {{ source('raw', 'cell_groups') }} as center
        where center.training_id = {{ hartonomous.text_literal(training.training_id) }}
            {%- if is_incremental() %}
            and embedding.embedding_id in (select uncoded.embedding_id from uncoded)
            {%- endif %}
    ) as compared
    group by compared.embedding_id
),
{%- endif %}

nearest as materialized (
    select
        compared.embedding_id,
        min_by(compared.cell, compared.distance, {{ var('border_cells') }}) as cells,
        min(compared.distance, {{ var('border_cells') }}) as distances
    from (
        {%- for group in groups %}
        select
            embedding.embedding_id,
            cell.cell,
            {{ hartonomous.vector_distance(metric, 'embedding.embedding', 'cell.embedding') }} as distance
        from (
            select
                stored.embedding_id,
                stored.embedding
            from {{ embeddings }} as stored
            {%- if group is not none %}
            where stored.embedding_id in (
                select near_group.embedding_id from near_group where near_group.cell_group = {{ group }}
            )
            {%- elif is_incremental() %}
            where stored.embedding_id in (select uncoded.embedding_id from uncoded)
            {%- endif %}
        ) as embedding
        cross join cell
        {%- if group is not none %}
        where cell.cell_group = {{ group }}
        {%- endif %}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as compared
    group by compared.embedding_id
),

near_cell as materialized (
    select
        unnested.embedding_id,
        unnested.place,
        unnested.cell,
        {{ '1 + unnested.distance / nullif(uncoded.norm, 0)' if by_direction else 'unnested.distance' }} as distance
    from (
        select
            nearest.embedding_id,
            unnest(nearest.cells) as cell,
            unnest(nearest.distances) as distance,
            generate_subscripts(nearest.cells, 1) as place
        from nearest
    ) as unnested
    inner join uncoded
        on uncoded.embedding_id = unnested.embedding_id
),

cell_pair as materialized (
    select
        one.cell as cell,
        other.cell as other_cell,
        {{ '1 + ' if by_direction }}{{ hartonomous.vector_distance(metric, 'one.embedding', 'other.embedding') }} as distance
    from cell as one
    cross join cell as other
),

{{ hartonomous.border_ctes() }}
{%- endmacro %}

{# The rule, from near_cell (embedding_id, place, cell, distance) and cell_pair (cell, other_cell,
   distance). A row of zeros has no direction: it stands in the first of its cells. #}
{% macro border_ctes() -%}
near_pair as materialized (
    select
        farther.embedding_id,
        farther.cell,
        farther.distance,
        nearer.cell as nearer_cell,
        nearer.distance as nearer_distance,
        nearer.place as nearer_place
    from near_cell as farther
    inner join near_cell as nearer
        on nearer.embedding_id = farther.embedding_id
    where nearer.place < farther.place
),

crossed as materialized (
    select distinct
        near_pair.embedding_id,
        near_pair.cell
    from near_pair
    inner join cell_pair
        on cell_pair.cell = near_pair.nearer_cell and cell_pair.other_cell = near_pair.cell
    where {{ var('border_overlap') }} * cell_pair.distance < near_pair.distance
        or near_pair.distance is null
        or (near_pair.nearer_place = 1 and near_pair.distance > {{ var('border_distance') }} * near_pair.nearer_distance)
),

assigned as (
    select
        near_cell.embedding_id,
        near_cell.cell,
        {{ hartonomous.bool_value('near_cell.place = 1') }} as is_home
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

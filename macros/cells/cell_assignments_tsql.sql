{#
  cell_assignment_ctes in T-SQL: the rule of cell_assignments.sql. A CTE is computed again wherever it is
  read, so a row's nearest cells are turned into columns (tsql_nearest), and the rule looks at
  the columns (tsql_border): nothing is read twice.
#}
{# Per row the groups and then their cells are sorted on their own, which needs no sort over all
   pairs of rows and cells. #}
{% macro sqlserver__cell_assignment_ctes(settings, training, embeddings) -%}
{%- set by_direction = settings.metric != 'euclidean' -%}
{%- set metric = 'dot' if by_direction else 'euclidean' -%}
{%- set norm = hartonomous.vector_norm('stored.embedding') -%}
assigned as (
    select
        stored.embedding_id,
        near_cell.cell,
        {{ hartonomous.bool_value('near_cell.place = 1') }} as is_home
    from {{ embeddings }} as stored
    cross apply (
        select
            {{ hartonomous.tsql_nearest('ranked') | trim | indent(12) }}
        from (
            select
                near.cell,
                {{ '1 + near.distance / nullif(' ~ norm ~ ', 0)' if by_direction else 'near.distance' }} as distance,
                row_number() over (order by near.distance, near.cell) as place
            from (
                select top ({{ var('border_cells') }})
                    candidate.number as cell,
                    {{ hartonomous.vector_distance(metric, 'candidate.embedding', 'stored.embedding') }} as distance
                from {{ hartonomous.sqlserver_trained('cell', settings) | indent(16) }} as candidate
                {%- if training.cells | int > var('cells_compared') %}
                where candidate.cell_group in (
                    select top ({{ var('cell_groups_compared') }}) center.number
                    from {{ hartonomous.sqlserver_trained('group', settings) | indent(20) }} as center
                    order by {{ hartonomous.vector_distance(metric, 'center.embedding', 'stored.embedding') }}, center.number
                )
                {%- endif %}
                order by distance, cell
            ) as near
        ) as ranked
    ) as nearest
    {%- set pairs -%}
inner join {{ hartonomous.sqlserver_trained('cell', settings) }} as one
    on one.number = nearer.cell
inner join {{ hartonomous.sqlserver_trained('cell', settings) }} as other
    on other.number = near_cell.cell
    {%- endset -%}
    {{ hartonomous.tsql_border(
        pairs, ('1 + ' if by_direction else '') ~ hartonomous.vector_distance(metric, 'one.embedding', 'other.embedding')
    ) }}
        and {{ hartonomous.uncoded(training, 'stored') | indent(8) }}
)
{%- endmacro %}

{# Vectors are rows of their numbers there: distances are sums over the dimensions. #}
{% macro fabric__cell_assignment_ctes(settings, training, embeddings) -%}
{%- set two_levels = training.cells | int > var('cells_compared') -%}
{%- set values = ref('embedding_values' ~ settings.suffix) -%}
{%- set training_id = hartonomous.text_literal(training.training_id) -%}
{%- set cells, groups = source('raw', 'cells'), source('raw', 'cell_groups') -%}
uncoded as (
    select
        stored.embedding_id,
        sqrt(sum(square(cast(stored.value as float)))) as norm
    from {{ values }} as stored
    inner join {{ embeddings }} as embedding
        on embedding.embedding_id = stored.embedding_id
    where {{ hartonomous.uncoded(training, 'embedding') | indent(8) }}
    group by stored.embedding_id
),
{%- if two_levels %}

near_group as (
    select
        ranked.embedding_id,
        ranked.cell_group
    from (
        select
            measured.embedding_id,
            measured.cell_group,
            row_number() over (partition by measured.embedding_id order by measured.distance, measured.cell_group) as place
        from (
            select
                stored.embedding_id,
                center.cell_group,
                {{ hartonomous.fabric_distance(settings, 'stored.value', 'center.value') }} as distance
            from {{ values }} as stored
            inner join uncoded
                on uncoded.embedding_id = stored.embedding_id
            inner join {{ groups }} as center
                on center.dim = stored.dim and center.training_id = {{ training_id }}
            group by stored.embedding_id, center.cell_group
        ) as measured
    ) as ranked
    where ranked.place <= {{ var('cell_groups_compared') }}
),
{%- endif %}

ranked_cell as (
    select
        measured.embedding_id,
        measured.cell,
        measured.distance,
        row_number() over (partition by measured.embedding_id order by measured.distance, measured.cell) as place
    from (
        select
            stored.embedding_id,
            centroid.cell,
            {{ hartonomous.fabric_distance(settings, 'stored.value', 'centroid.value', 'max(uncoded.norm)') }} as distance
        from {{ values }} as stored
        inner join uncoded
            on uncoded.embedding_id = stored.embedding_id
        {%- if two_levels %}
        inner join near_group
            on near_group.embedding_id = stored.embedding_id
        inner join {{ cells }} as cell
            on cell.cell_group = near_group.cell_group and cell.training_id = {{ training_id }}
        inner join {{ hartonomous.landed_values('cells') }} as centroid
            on centroid.cell = cell.cell and centroid.dim = stored.dim and centroid.training_id = {{ training_id }}
        {%- else %}
        inner join {{ hartonomous.landed_values('cells') }} as centroid
            on centroid.dim = stored.dim and centroid.training_id = {{ training_id }}
        {%- endif %}
        group by stored.embedding_id, centroid.cell
    ) as measured
),

nearest as (
    select
        ranked.embedding_id,
        {{ hartonomous.tsql_nearest('ranked') | trim | indent(8) }}
    from ranked_cell as ranked
    where ranked.place <= {{ var('border_cells') }}
    group by ranked.embedding_id
),

cell_pair as (
    select
        one.cell,
        other.cell as other_cell,
        {{ hartonomous.fabric_distance(settings, 'one.value', 'other.value', '1') }} as distance
    from {{ hartonomous.landed_values('cells') }} as one
    inner join {{ hartonomous.landed_values('cells') }} as other
        on other.dim = one.dim and other.training_id = {{ training_id }}
    where one.training_id = {{ training_id }}
    group by one.cell, other.cell
),

assigned as (
    select
        nearest.embedding_id,
        near_cell.cell,
        {{ hartonomous.bool_value('near_cell.place = 1') }} as is_home
    from nearest
    {{- hartonomous.tsql_border(
        'inner join cell_pair\n    on cell_pair.cell = nearer.cell and cell_pair.other_cell = near_cell.cell', 'cell_pair.distance'
    ) }}
)
{%- endmacro %}

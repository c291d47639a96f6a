{#
  approx_spatial_search in T-SQL. STDistance and the spatial index are 2-D: they ignore z.

  Fine: the index gives the rows that are nearest in x and y, in the one shape that it serves
  (https://learn.microsoft.com/sql/relational-databases/spatial/spatial-data-sql-server#query-requirements-nearest-neighbor).
  No row is nearer in 3-D than in 2-D, so as soon as top_k of them lie nearer in 3-D than the
  farthest that was fetched lies in 2-D, no row that was not fetched can belong to the answer. Until
  then twice as many are fetched, at last all.
  Coarse: the rows of the query's grid cell, at the deepest level where it holds top_k of them.
#}
{% macro sqlserver__approx_spatial_search(settings) %}
    {%- set embeddings = ref('embeddings' ~ settings.suffix) -%}
    {%- set distance = hartonomous.distance_3d('candidate', '@x', '@y', '@z') -%}
    {{- hartonomous.check_parameters(required=['query_x', 'query_y', 'query_z', 'use_coarse']) }}
{{ hartonomous.sqlserver_returned_table() }}
if @use_coarse = 1
begin
    {{ hartonomous.sqlserver_rows_of_cell(settings, embeddings) | indent(4) }}

    insert into #returned (embedding_id, source_text, distance)
    select top (@kept_k)
        candidate.embedding_id,
        candidate.source_text,
        {{ distance }} as distance
    from {{ embeddings }} as candidate
    inner join #shared as shared
        on shared.embedding_id = candidate.embedding_id
    where shared.grid_level >= @level
    order by distance, candidate.embedding_id;
end
else
begin
    {{ hartonomous.sqlserver_nearest_positions(settings, embeddings, '@kept_k') | indent(4) }}

    insert into #returned (embedding_id, source_text, distance)
    select top (@kept_k)
        reached.embedding_id,
        candidate.source_text,
        reached.distance
    from #reached as reached
    inner join {{ embeddings }} as candidate
        on candidate.embedding_id = reached.embedding_id
    order by reached.distance, reached.embedding_id;
end

{{ hartonomous.sqlserver_return("case when @use_coarse = 1 then 'coarse' else 'spatial' end", settings, {
    'top_k': '@top_k', 'x': '@x', 'y': '@y', 'z': '@z', 'filters': '@filters',
}) }}
{% endmacro %}

{# Fills #reached (embedding_id, flat_distance, distance) with at least the `wanted` rows that are
   nearest to (@x, @y, @z). Filters are looked at in every row anyway, so then all that pass are taken. #}
{% macro sqlserver_nearest_positions(settings, embeddings, wanted) -%}
    {%- set distance = hartonomous.distance_3d('candidate', '@x', '@y', '@z') -%}
create table #reached (
    embedding_id int not null primary key,
    flat_distance float null,
    distance float not null
);
if @filters is not null
    insert into #reached (embedding_id, distance)
    select candidate.embedding_id, {{ distance }} as distance
    from {{ embeddings }} as candidate
    where {{ hartonomous.is_landed(settings, 'candidate') | indent(8) }}
        and {{ hartonomous.passes_filters('candidate', '@filters') | indent(8) }};

declare @point geometry = geometry::Point(@x, @y, 0);
declare @fetch bigint = 4 * cast({{ wanted }} as bigint);
declare @fetched bigint;
declare @farthest float;
declare @last float;

while @filters is null
begin
    truncate table #reached;
    insert into #reached (embedding_id, flat_distance, distance)
    select top (@fetch)
        candidate.embedding_id,
        candidate.position.STDistance(@point) as flat_distance,
        {{ distance }} as distance
    from {{ embeddings }} as candidate
    where candidate.position.STDistance(@point) is not null
        and {{ hartonomous.is_landed(settings, 'candidate') | indent(8) }}
    order by candidate.position.STDistance(@point);
    set @fetched = @@rowcount;
    set @farthest = (select max(reached.flat_distance) from #reached as reached);

    -- the wanted-th nearest in 3-D; a hair farther, since the two distances are rounded differently
    set @last = (
        select max(nearest.distance) * (1 + 1e-9)
        from (
            select top ({{ wanted }}) reached.distance
            from #reached as reached
            order by reached.distance
        ) as nearest
    );
    if @fetched < @fetch or @last < @farthest break;
    set @fetch = 2 * @fetch;
end
{%- endmacro %}

{#
  Fills #shared (embedding_id, grid_level) with the rows of the query's cell of level 1, and of how
  many levels they share its cell; with all rows, where that cell holds fewer than top_k. @level is
  the deepest level at which top_k rows share the cell.
#}
{% macro sqlserver_rows_of_cell(settings, embeddings) -%}
    {%- for level in [1, 2, 3, 4] %}
declare @cell_{{ level }} int;
    {%- endfor %}
select
    {%- for level in [1, 2, 3, 4] %}
    @cell_{{ level }} = {{ hartonomous.grid_cell_at(level, '@x', '@y', '@z', 'box') | indent(4) }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref('bounding_boxes') }} as box
where box.space_id = {{ hartonomous.text_literal(settings.space_id) }};

create table #shared (embedding_id int not null primary key, grid_level int not null);
insert into #shared (embedding_id, grid_level)
select
    candidate.embedding_id,
    case
        {%- for level in [4, 3, 2] %}
        when candidate.grid_cell_{{ level }} = @cell_{{ level }} then {{ level }}
        {%- endfor %}
        else 1
    end as grid_level
from {{ embeddings }} as candidate
where candidate.grid_cell_1 = @cell_1
    and {{ hartonomous.is_landed(settings, 'candidate') | indent(4) }}
    and {{ hartonomous.passes_filters('candidate', '@filters') | indent(4) }};

if (select count(*) from #shared) < @top_k
    insert into #shared (embedding_id, grid_level)
    select candidate.embedding_id, 0 as grid_level
    from {{ embeddings }} as candidate
    where (candidate.grid_cell_1 <> @cell_1 or @cell_1 is null)
        and {{ hartonomous.is_landed(settings, 'candidate') | indent(8) }}
        and {{ hartonomous.passes_filters('candidate', '@filters') | indent(8) }};

declare @level int = (
    select coalesce(max(depth.grid_level), 0)
    from (values (1), (2), (3), (4)) as depth (grid_level)
    where (select count(*) from #shared as shared where shared.grid_level >= depth.grid_level) >= @top_k
);
{%- endmacro %}

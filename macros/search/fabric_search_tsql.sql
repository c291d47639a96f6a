{#
  sp_CellSearch and sp_VectorSearch on Fabric Warehouse, which has no vectors: distances are sums over
  the rows of embedding_values and of the landed centroids, read for the probed cells and the
  candidates only. A path is one statement, which a distributed engine plans as a whole.

  Nothing is tuned there (served_setting_tsql.sql): a search without filters goes by cells, one with
  filters by the codes of the passing rows, and a space without cells is compared whole.
#}
{% macro fabric__cell_search(settings, training, served) -%}
{{ hartonomous.check_parameters(filters=false) }}
{{ hartonomous.fabric_check_vector(settings) }}
{{ hartonomous.fabric_read_setting(settings) }}
set @reach = coalesce(@reach, case when @probes is null then {{ hartonomous.tsql_grown_reach('@tuned_reach') }} end);
set @probes = coalesce(@probes, {{ hartonomous.tsql_grown_probes('@tuned_probes') }});
set @candidates = coalesce(@candidates, {{ hartonomous.tsql_grown_candidates('@tuned_candidates') }});
{{ hartonomous.tsql_check_search() }}
set @candidates = greatest(@candidates, @top_k);

{{ hartonomous.fabric_search(settings, training, 'cells') }}
{%- endmacro %}

{% macro fabric__vector_search(settings, training, served) -%}
{{ hartonomous.check_parameters() }}
{{ hartonomous.fabric_check_vector(settings) }}
{{ hartonomous.fabric_read_setting(settings) }}
declare @probes int = {{ hartonomous.tsql_grown_probes('@tuned_probes') }};
declare @reach float = {{ hartonomous.tsql_grown_reach('@tuned_reach') }};
declare @candidates int = {{ hartonomous.tsql_grown_candidates('@tuned_candidates') }};

if @cells = 0
begin
    {{ hartonomous.fabric_search(settings, training, 'exact', recall='@recall') | indent(4) }}
end
else if @filters is null
begin
    {{ hartonomous.fabric_search(settings, training, 'cells', recall='@recall') | indent(4) }}
end
else
begin
    -- as many as this, so that few passing rows are all compared in full
    set @candidates = greatest(@candidates, {{ var('filtered_exact_rows') }});
    {{ hartonomous.fabric_search(settings, training, 'passing', recall='@recall') | indent(4) }}
end
{%- endmacro %}

{% macro fabric_check_vector(settings) -%}
set @problem = (
    select concat('query_vector must be a JSON array of {{ settings.dimension }} numbers; it has ', count(entry.value))
    from openjson(@query_vector) as entry
    having count(try_cast(entry.value as float)) <> {{ settings.dimension }} or count(entry.value) <> {{ settings.dimension }}
);
if @problem is not null throw 50000, @problem, 1;
{%- endmacro %}

{# path: cells, passing (the codes of the rows that pass @filters) or exact (all that pass). #}
{% macro fabric_search(settings, training, path, recall=none) -%}
with asked as (
    select
        0 as query_id,
        cast(entry.[key] as int) as dimension,
        cast(entry.value as real) as number
    from openjson(@query_vector) as entry
),
{%- if path != 'cells' %}

passing as (
    {{ hartonomous.fabric_passing_rows(settings) | indent(4) }}
),
{%- endif %}
{%- if path != 'exact' %}

question as (
    select
        {%- if settings.metric != 'cosine' %}
        lengths.norm,
        {%- endif %}
        {%- for column in hartonomous.tsql_question_columns(training, settings) %}
        words.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ hartonomous.tsql_question_words('asked', ['query_id'], training, settings) | indent(4) }} as words
    {%- if settings.metric != 'cosine' %}
    cross join (
        select sqrt(sum(square(cast(asked.number as float)))) as norm
        from asked
    ) as lengths
    {%- endif %}
),
    {%- if path == 'cells' %}

{%- set measured %}
select
    centroid.cell,
    {{ hartonomous.fabric_distance(settings, 'centroid.value', 'asked.number') }} as distance
from {{ hartonomous.landed_values('cells') }} as centroid
inner join asked
    on asked.dimension = centroid.dim
where centroid.training_id = {{ hartonomous.text_literal(training.training_id) }}
group by centroid.cell
    {%- endset %}

probed as (
    {{ hartonomous.tsql_probed_cells(measured | trim) | indent(4) }}
),
    {%- endif %}
    {%- set kind = 'probed' if path == 'cells' else 'passing' -%}
    {%- set key = 'cell' if path == 'cells' else 'embedding_id' -%}
    {%- set source = 'from ' ~ kind ~ '\ninner join ' ~ ref('cell_codes' ~ settings.suffix) ~ ' as coded\n    on coded.'
        ~ key ~ ' = ' ~ kind ~ '.' ~ key ~ '\ncross join question' ~ ('\nwhere coded.is_home = 1' if path == 'passing' else '') %}

found as (
    {{ hartonomous.tsql_candidates(training, settings, source, 'question', '@candidates') | indent(4) }}
),
{%- else %}

found as (
    select passing.embedding_id
    from passing
),
{%- endif %}

measured as (
    select
        stored.embedding_id,
        {%- if settings.metric == 'cosine' %}
        1 - sum(cast(stored.value as float) * asked.number) / nullif(sqrt(
            sum(square(cast(stored.value as float))) * sum(square(cast(asked.number as float)))
        ), 0) as distance
        {%- else %}
        {{ hartonomous.fabric_distance(settings, 'stored.value', 'asked.number') }} as distance
        {%- endif %}
    from found
    inner join {{ ref('embedding_values' ~ settings.suffix) }} as stored
        on stored.embedding_id = found.embedding_id
    inner join asked
        on asked.dimension = stored.dim
    group by stored.embedding_id
)

select top (@top_k)
    embedding.embedding_id,
    embedding.source_text,
    measured.distance,
    {{ hartonomous.similarity_by("'" ~ settings.metric ~ "'", 'measured.distance') | indent(4) }} as similarity
    {%- if recall %},
    {{ recall }} as recall_estimate
    {%- endif %}
from measured
inner join {{ ref('embeddings' ~ settings.suffix) }} as embedding
    on embedding.embedding_id = measured.embedding_id
where {{ hartonomous.is_landed(settings, 'embedding') }}
    {%- if recall %}
    and (@max_distance is null or measured.distance <= @max_distance)
    {%- endif %}
order by measured.distance, embedding.embedding_id;
{%- endmacro %}

{#
  The second half of attention_tsql.sql: contexts, from #attention_weights (row_id, head, position,
  text_id, weight) and #attention_values to #outputs (row_id, dimension, value).
#}
{% macro sqlserver_attention_context(settings, cache=none) -%}
truncate table #outputs;
{%- if cache %}

if {{ cache.is_filled }}
begin
    {{ hartonomous.sqlserver_cached_context(settings) | indent(4) }}
end
else
begin
    {{ hartonomous.sqlserver_gathered_context(settings) | indent(4) }}
end
{%- else %}

{{ hartonomous.sqlserver_gathered_context(settings) }}
{%- endif %}
{%- endmacro %}

{# Whole texts: values are turned around, a vector over positions for each dimension, so that a
   context's number is one product for every 64 positions. Positions of a text follow each other
   from 0: the place in the vector is the position. #}
{% macro sqlserver_gathered_context(settings) -%}
{%- set size = settings.head_size -%}
{%- set group = settings.heads // settings.key_value_heads -%}
{%- set width = hartonomous.sqlserver_position_chunk_width() -%}
truncate table #weight_chunks;
insert into #weight_chunks (row_id, head, chunk_index, text_id, vector)
select
    weighted.row_id,
    weighted.head,
    weighted.position / {{ width }} as chunk_index,
    weighted.text_id,
    {{ hartonomous.sqlserver_gathered('weighted.weight', 'weighted.position', width) | indent(4) }} as vector
from #attention_weights as weighted
group by weighted.row_id, weighted.head, weighted.text_id, weighted.position / {{ width }};

truncate table #value_chunks;
insert into #value_chunks (text_id, key_value_head, chunk_index, dimension, vector)
select
    seen.text_id,
    seen.key_value_head,
    seen.position / {{ width }} as chunk_index,
    seen.dimension,
    {{ hartonomous.sqlserver_gathered('seen.value', 'seen.position', width) | indent(4) }} as vector
from #attention_values as seen
where seen.layer = @this_layer
group by seen.text_id, seen.key_value_head, seen.dimension, seen.position / {{ width }};

insert into #outputs (row_id, dimension, value)
select
    weighted.row_id,
    weighted.head * {{ size }} + valued.dimension as dimension,
    -sum(vector_distance('dot', weighted.vector, valued.vector)) as value
from #weight_chunks as weighted
inner join #value_chunks as valued
    on valued.text_id = weighted.text_id
    and valued.key_value_head = weighted.head / {{ group }}
    and valued.chunk_index = weighted.chunk_index
group by weighted.row_id, weighted.head, valued.dimension;
{%- endmacro %}

{# A token at a time: turning the cache around would take longer than adding up its numbers. #}
{% macro sqlserver_cached_context(settings) -%}
{%- set size = settings.head_size -%}
{%- set group = settings.heads // settings.key_value_heads -%}
insert into #outputs (row_id, dimension, value)
select
    weighted.row_id,
    weighted.head * {{ size }} + seen.dimension as dimension,
    sum(weighted.weight * seen.value) as value
from #attention_weights as weighted
inner join #attention_values as seen
    on seen.layer = @this_layer
    and seen.text_id = weighted.text_id
    and seen.key_value_head = weighted.head / {{ group }}
    and seen.position = weighted.position
group by weighted.row_id, weighted.head, seen.dimension;
{%- endmacro %}

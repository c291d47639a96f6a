{#
  attention on SQL Server, for one layer (@this_layer): from queries | keys | values side by side in
  #outputs (row_id, dimension, value) to the contexts of all heads side by side, in #outputs again.
  #sequence (row_id, text_id, position) says whose tokens they are. Later tokens are left out in a
  causal model, which is what a score of -infinity comes to.

  sqlserver_attention_tables(settings)                   the #temp tables: attention_tables_tsql.sql
  sqlserver_attention_weights(settings, weights, cache)  #outputs -> #attention_weights
  sqlserver_attention_context(settings, cache)           #attention_weights -> #outputs:
                                                         attention_context_tsql.sql

  cache: none, and keys and values are those of this layer; or {is_filled, paths}: they stay, by layer,
  for tokens that come later. is_filled is the condition that earlier rounds left some. paths, for beam
  search: #table (text_id, position, source_id) of which text's keys and values each text sees.
#}
{% macro sqlserver_attention_weights(settings, weights, cache=none) -%}
{%- set size = settings.head_size -%}
{%- set queries = settings.heads * size -%}
{%- set keys = settings.key_value_heads * size -%}
{%- set group = settings.heads // settings.key_value_heads -%}
{%- set turned = '#rotated' if settings.positions == 'rotary' else '#outputs' -%}
{%- if settings.positions == 'rotary' %}
{{ hartonomous.sqlserver_fill_numbers('#rotated', hartonomous.sqlserver_rotary(settings, weights, '#outputs')) }}
{% endif %}
truncate table #attention_queries;
insert into #attention_queries (row_id, head, text_id, position, query_vector)
select
    token.row_id,
    projected.dimension / {{ size }} as head,
    token.text_id,
    token.position,
    {{ hartonomous.sqlserver_gathered('projected.value', 'projected.dimension', size) | indent(4) }} as query_vector
from {{ turned }} as projected
inner join #sequence as token
    on token.row_id = projected.row_id
where projected.dimension < {{ queries }}
group by token.row_id, token.text_id, token.position, projected.dimension / {{ size }};
{% if not cache %}
truncate table #attention_keys;
truncate table #attention_values;
{%- endif %}
insert into #attention_keys (layer, text_id, key_value_head, position, key_vector)
select
    @this_layer as layer,
    token.text_id,
    (projected.dimension - {{ queries }}) / {{ size }} as key_value_head,
    token.position,
    {{ hartonomous.sqlserver_gathered('projected.value', 'projected.dimension', size) | indent(4) }} as key_vector
from {{ turned }} as projected
inner join #sequence as token
    on token.row_id = projected.row_id
where projected.dimension >= {{ queries }} and projected.dimension < {{ queries + keys }}
group by token.text_id, token.position, (projected.dimension - {{ queries }}) / {{ size }};

insert into #attention_values (layer, text_id, key_value_head, position, dimension, value)
select
    @this_layer as layer,
    token.text_id,
    (projected.dimension - {{ queries + keys }}) / {{ size }} as key_value_head,
    token.position,
    (projected.dimension - {{ queries + keys }}) % {{ size }} as dimension,
    projected.value
from #outputs as projected
inner join #sequence as token
    on token.row_id = projected.row_id
where projected.dimension >= {{ queries + keys }};

truncate table #attention_scores;
insert into #attention_scores (row_id, head, position, text_id, score)
select
    asking.row_id,
    asking.head,
    seen.position,
    seen.text_id,
    -vector_distance('dot', asking.query_vector, seen.key_vector) * {{ settings.attention_scale }} as score
from #attention_queries as asking
{%- if cache and cache.paths %}
inner join {{ cache.paths }} as path
    on path.text_id = asking.text_id
inner join #attention_keys as seen
    on seen.layer = @this_layer
    and seen.text_id = path.source_id
    and seen.position = path.position
    and seen.key_value_head = asking.head / {{ group }}
{%- else %}
inner join #attention_keys as seen
    on seen.layer = @this_layer
    and seen.text_id = asking.text_id
    and seen.key_value_head = asking.head / {{ group }}
{%- endif %}
{%- if settings.is_causal %}
where seen.position <= asking.position
{%- endif %};

truncate table #attention_weights;
insert into #attention_weights (row_id, head, position, text_id, weight)
{{ hartonomous.sqlserver_softmax('#attention_scores', ['row_id', 'head'], ['position', 'text_id']) }};
{%- endmacro %}

{#
  The #temp tables of attention_tsql.sql. Keys and values stand by layer and by the text that they are
  of; their heads are the key/value heads, which query heads share.
#}
{% macro sqlserver_attention_tables(settings) -%}
{%- set size = settings.head_size -%}
{%- set width = hartonomous.sqlserver_position_chunk_width() -%}
{%- if settings.positions == 'rotary' %}
{{ hartonomous.sqlserver_create_numbers('#rotated') }}
{%- endif %}
create table #attention_queries (
    row_id int not null,
    head int not null,
    text_id bigint not null,
    position int not null,
    query_vector vector({{ size }}) not null,
    primary key (row_id, head)
);
create table #attention_keys (
    layer int not null,
    text_id bigint not null,
    key_value_head int not null,
    position int not null,
    key_vector vector({{ size }}) not null,
    primary key (layer, text_id, key_value_head, position)
);
create table #attention_values (
    layer int not null,
    text_id bigint not null,
    key_value_head int not null,
    position int not null,
    dimension int not null,
    value real not null,
    primary key (layer, text_id, key_value_head, position, dimension)
);
create table #attention_scores (
    row_id int not null,
    head int not null,
    position int not null,
    text_id bigint not null,
    score real not null,
    primary key (row_id, head, position)
);
create table #attention_weights (
    row_id int not null,
    head int not null,
    position int not null,
    text_id bigint not null,
    weight real not null,
    primary key (row_id, head, position)
);
create table #weight_chunks (
    row_id int not null,
    head int not null,
    chunk_index int not null,
    text_id bigint not null,
    vector vector({{ width }}) not null,
    primary key (row_id, head, chunk_index)
);
create table #value_chunks (
    text_id bigint not null,
    key_value_head int not null,
    chunk_index int not null,
    dimension int not null,
    vector vector({{ width }}) not null,
    primary key (text_id, key_value_head, chunk_index, dimension)
);
{%- endmacro %}

{# Positions in one vector of values: short texts should not pay for zeros. #}
{% macro sqlserver_position_chunk_width() %}
    {% do return(64) %}
{% endmacro %}

{#
  The forward pass on SQL Server, as statements of a procedure:

  sqlserver_forward_tables(settings)           #sequence and the tables of the layers
  sqlserver_embedded(settings, weights)        #sequence -> #hidden, what goes into the first layer
  sqlserver_layers(settings, weights, ...)     WHILE over the layers: #hidden -> #hidden, until
                                               @this_layer is `last_layer`, an expression
  sqlserver_final_hidden(settings, weights)    SELECT (row_id, dimension, value): last_hidden_state
  sqlserver_refuse(message)                    the body of a procedure whose model cannot be run

  #sequence (row_id, text_id, position, token_id): the tokens that are run, row_id from 0.
#}
{% macro sqlserver_forward_tables(settings) -%}
create table #sequence (
    row_id int not null primary key,
    text_id bigint not null,
    position int not null,
    token_id int not null
);
{{- hartonomous.sqlserver_layer_tables(settings) }}
declare @this_layer int;
{%- endmacro %}

{% macro sqlserver_embedded(settings, weights) -%}
{%- set summed -%}
select
    token.row_id,
    opened.dimension,
    {%- if settings.positions == 'learned' %}
    opened.value + place.value as value
    {%- else %}
    opened.value
    {%- endif %}
from #sequence as token
inner join {{ weights.token_embeddings }} as stored
    on stored.token_id = token.token_id
cross apply {{ hartonomous.sqlserver_opened('stored.vector', 'stored.chunk_index') }} as opened
{%- if settings.positions == 'learned' %}
inner join {{ weights.position_embeddings }} as place
    on place.position = token.position and place.dimension = opened.dimension
{%- endif %}
where opened.dimension < {{ settings.hidden_size }}
{%- endset -%}
{%- if settings.is_pre_norm -%}
{{ hartonomous.sqlserver_fill_numbers('#hidden', summed) }}
{%- else -%}
{{ hartonomous.sqlserver_fill_numbers('#outputs', summed) }}

{{ hartonomous.sqlserver_fill_numbers('#hidden', hartonomous.sqlserver_normalize(settings, weights, '#outputs', 'attention_input', '0')) }}
{%- endif %}
{%- endmacro %}

{% macro sqlserver_layers(settings, weights, last_layer=none, cache=none) -%}
set @this_layer = 0;
while @this_layer < {{ settings.layers if last_layer is none else last_layer }}
begin
    {{ hartonomous.sqlserver_layer(settings, weights, cache) | indent(4) }}

    set @this_layer += 1;
end
{%- endmacro %}

{% macro sqlserver_final_hidden(settings, weights) -%}
{%- if settings.is_pre_norm -%}
{{ hartonomous.sqlserver_normalize(settings, weights, '#hidden', 'final', '0') }}
{%- else -%}
select last.row_id, last.dimension, last.value
from #hidden as last
{%- endif %}
{%- endmacro %}

{# Calling it raises the reason; a database with such a model still builds. #}
{% macro sqlserver_refuse(message) -%}
throw 50000, {{ hartonomous.text_literal(message) }}, 1;
{%- endmacro %}

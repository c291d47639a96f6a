{#
  sp_EmbedText and sp_EmbedTable: embed.sql on SQL Server.

  The relation and the column that sp_EmbedTable names must be there; they reach the statement as
  QUOTENAME gives them. text_id counts the rows in the order of their texts, since a relation has none
  of its own.
#}
{% macro sqlserver__embed(settings, weights) -%}
{%- set refusal = hartonomous.embedding_refusal(settings) -%}
{%- if refusal -%}
{{ hartonomous.sqlserver_refuse(refusal) }}
{%- else -%}
{{ hartonomous.check_parameters(counts=[], required=['text'], filters=false) }}

{{ hartonomous.sqlserver_encoding(settings, settings.max_tokens) }}
insert into #input_texts (text_id, text) values (0, @text);
{{ hartonomous.sqlserver_pooled_texts(settings, weights) }}

{{ hartonomous.log_inference('embed', 'sql', text='@text', settings={'dimension': settings.hidden_size}, model_id=settings.model_id) }}

select {{ hartonomous.sqlserver_shown_vector('pooled.embedding', settings.hidden_size) }} as embedding
from #pooled_texts as pooled;
{%- endif %}
{%- endmacro %}

{% macro sqlserver__embed_table(settings, weights) -%}
{%- set refusal = hartonomous.embedding_refusal(settings) -%}
{%- if refusal -%}
{{ hartonomous.sqlserver_refuse(refusal) }}
{%- else -%}
{{ hartonomous.check_parameters(counts=[], required=['relation_name', 'column_name'], filters=false) }}
declare @relation nvarchar(600) = (
    select concat(quotename(object_schema_name(found.object_id)), '.', quotename(found.name))
    from sys.objects as found
    where found.object_id = object_id(@relation_name) and found.type in ('U', 'V')
);
if @relation is null
begin
    set @problem = concat('relation_name must name a table or a view; ', @relation_name, ' is none');
    throw 50000, @problem, 1;
end;
declare @column nvarchar(300) = (
    select quotename(found.name)
    from sys.columns as found
    where found.object_id = object_id(@relation) and found.name = @column_name
);
if @column is null
begin
    set @problem = concat('column_name must name a column of ', @relation, '; ', @column_name, ' is none');
    throw 50000, @problem, 1;
end;

{{ hartonomous.sqlserver_encoding(settings, settings.max_tokens) }}
declare @statement nvarchar(max) = concat(
    N'insert into #input_texts (text_id, text) ',
    N'select row_number() over (order by given.text) - 1, given.text ',
    N'from (select cast(source.', @column, N' as nvarchar(max)) as text from ', @relation, N' as source) as given;'
);
exec sp_executesql @statement;
{{ hartonomous.sqlserver_pooled_texts(settings, weights) }}

{{ hartonomous.log_inference('embed', 'sql', text="concat('(', @relation_name, '.', @column_name, ')')", settings={
    'dimension': settings.hidden_size, 'texts': '(select count(*) from #input_texts)',
}, model_id=settings.model_id) }}

select
    given.text_id,
    given.text,
    {{ hartonomous.sqlserver_shown_vector('pooled.embedding', settings.hidden_size) }} as embedding
from #input_texts as given
inner join #pooled_texts as pooled
    on pooled.text_id = given.text_id
order by given.text_id;
{%- endif %}
{%- endmacro %}

{# From #input_texts to #pooled_texts (text_id, embedding), the embedding as JSON text. #}
{% macro sqlserver_pooled_texts(settings, weights) -%}
{{ hartonomous.sqlserver_run_encoded(settings, weights) }}

{{ hartonomous.sqlserver_layers(settings, weights) }}

create table #pooled_texts (
    text_id bigint not null primary key,
    embedding nvarchar(max) not null
);
insert into #pooled_texts (text_id, embedding)
{{ hartonomous.sqlserver_pooling(settings, hartonomous.sqlserver_final_hidden(settings, weights)) }};
{%- endmacro %}

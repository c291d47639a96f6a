{#
  What a search of SQL Server answers, kept in a temporary table so that it can be logged before it
  is returned, with the next five: what just missed is part of an answer's history.

  sqlserver_returned_table(top_k)   #returned, and @kept_k, how many rows to insert
  sqlserver_return(method, space, settings, columns, top_k, text, text_settings)
                                    logs #returned and returns the first top_k of it, nearest first
#}
{% macro sqlserver_returned_table(top_k='@top_k') -%}
create table #returned (
    embedding_id int not null primary key,
    source_text {{ hartonomous.sql_type('text') }} null,
    distance float null,
    similarity float null,
    recall_estimate float null,
    spatial_distance float null,
    code_difference float null
);
declare @kept_k bigint = cast({{ top_k }} as bigint) + 5;
{%- endmacro %}

{% macro sqlserver_return(method, space, settings, columns=[], top_k='@top_k', text=none) -%}
{%- set logged = {'id': 'kept.embedding_id', 'text': 'kept.source_text', 'distance': 'kept.distance'} -%}
{%- if method.startswith('case ') -%}
    {#- distances of positions: near on the map is no confidence -#}
    {%- set logged = {'id': 'kept.embedding_id', 'text': 'kept.source_text', 'spatial_distance': 'kept.distance'} -%}
{%- else -%}
    {%- do logged.update({
        'similarity': 'kept.similarity',
        'confidence': 'case when kept.similarity < 0 then 0 when kept.similarity > 1 then 1 else kept.similarity end',
    }) -%}
{%- endif -%}
{%- set shown = ['embedding_id', 'source_text', 'distance'] + columns -%}
{%- for name in columns if name != 'similarity' -%}
    {%- do logged.update({name: 'kept.' ~ name}) -%}
{%- endfor -%}
{{ hartonomous.log_inference('search', method, text=text, settings=settings, space=space, rows={
    'source': '#returned as kept', 'order': 'kept.distance, kept.embedding_id', 'columns': logged, 'top_k': top_k,
}) }}

select top ({{ top_k }})
    {%- for name in shown %}
    returned.{{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
from #returned as returned
order by returned.distance, returned.embedding_id;
{%- endmacro %}

{# The same for searches that return texts by a score, best first; `more` is a column besides. #}
{% macro sqlserver_returned_texts(more, kind) -%}
create table #returned (
    text_id {{ hartonomous.sql_type('hash') }} collate database_default not null primary key,
    source_text {{ hartonomous.sql_type('text') }} null,
    score float null,
    {{ more }} {{ hartonomous.sql_type(kind) }} null
);
declare @kept_k bigint = cast(@top_k as bigint) + 5;
{%- endmacro %}

{% macro sqlserver_return_texts(method, spaces, settings, more, confidence, text) -%}
{{ hartonomous.log_inference(
    'search', method, text=text, settings=settings,
    space={'space_id': spaces | map(attribute='space_id') | join(', ')},
    rows={
        'source': '#returned as kept',
        'order': 'kept.score desc, kept.text_id asc',
        'columns': {
            'id': 'kept.text_id', 'text': 'kept.source_text', 'score': 'kept.score',
            more: 'json_query(kept.votes)' if more == 'votes' else 'kept.' ~ more,
            'confidence': confidence,
        },
        'top_k': '@top_k',
    }
) }}

select top (@top_k)
    returned.text_id,
    returned.source_text,
    returned.score,
    returned.{{ more }}
from #returned as returned
order by returned.score desc, returned.text_id asc;
{%- endmacro %}

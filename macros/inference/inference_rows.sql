{#
  inference_rows(): the inference log as rows. On DuckDB, which has one writer, the log is a folder
  of append-only JSON lines beside the landed database, so that many processes can search and log at
  once; the folder's path is read from the attached database when the view is made. Callers of SQL
  add files of their own (inference_entry.sql). Lines with an event (feedback, a text that was
  forgotten) are no inferences. Elsewhere the log is a landing table.
#}
{% macro inference_rows() %}
    {{ adapter.dispatch('inference_rows', 'hartonomous')() }}
{% endmacro %}

{% macro inference_columns() %}
    {% do return({
        'inference_id': 'key', 'created_at': 'timestamp', 'caller': 'key', 'task': 'key', 'method': 'key',
        'space_id': 'key', 'models': 'json', 'query_hash': 'key', 'query_text': 'text', 'settings': 'json',
        'duration_ms': 'double', 'confidence': 'double', 'results': 'json', 'alternatives': 'json',
        'recall_estimate': 'double', 'model_ids': 'json', 'students': 'json', 'run_id': 'key',
    }) %}
{% endmacro %}

{% macro duckdb__inference_rows() %}
    {#- at parse time there is no database to ask; the name only has to be a text then -#}
    {%- set folder = namespace(path='hartonomous.inferences') -%}
    {% if execute %}
        {%- set found = run_query(
            "select regexp_replace(path, '\\.duckdb$', '') || '.inferences' from duckdb_databases() "
            ~ "where database_name = 'landing' and path is not null"
        ) -%}
        {% if found.rows | length > 0 %}{% set folder.path = found.rows[0][0] %}{% endif %}
    {% endif %}
select
    {%- for column, kind in hartonomous.inference_columns().items() %}
    cast(line.{{ column }} as {{ hartonomous.sql_type(kind) }}) as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from read_json(
    {{ hartonomous.text_literal(folder.path ~ '/*.json*') }},
    format = 'newline_delimited',
    ignore_errors = true, -- a line that a kill cut short is passed over
    columns = {
        {%- for column, kind in hartonomous.inference_columns().items() %}
        {{ column }}: '{{ 'JSON' if kind == 'json' else hartonomous.sql_type(kind) }}',
        {%- endfor %}
        event: 'varchar' -- older lines lack some of these
    }
) as line
where line.event is null
    and line.inference_id is not null
{% endmacro %}

{% macro default__inference_rows() %}
select
    {%- for column in hartonomous.inference_columns() %}
    {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ source('raw', 'inferences') }}
{% endmacro %}

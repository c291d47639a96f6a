{#
  inference_entry(task, method, query_text, results, ...): one entry of the inference log, for
  callers of SQL. A table macro cannot write, so on DuckDB it gives the row, and COPY lands it in the
  log's folder, a new file each (docs/guides/audit.md):

    COPY (FROM inference_entry('search', 'exact', 'a question', (SELECT to_json(list(a ORDER BY a.distance)) FROM answer AS a)))
    TO 'NAME.inferences' (FORMAT json, PER_THREAD_OUTPUT, APPEND, FILENAME_PATTERN 'sql-{uuid}')

  results and alternatives are JSON arrays of rows as a search returns them (embedding_id,
  source_text, distance, ...), nearest first. models: a JSON array of names; that of the space where
  not given. T-SQL: sp_LogInference, which writes the row itself.
#}
{% macro inference_entry() %}
    {{ hartonomous.callable('sp_LogInference', [
        {'name': 'task', 'type': 'key'},
        {'name': 'method', 'type': 'key'},
        {'name': 'query_text', 'type': 'text'},
        {'name': 'results', 'type': 'json', 'default': '[]'},
        {'name': 'alternatives', 'type': 'json', 'default': '[]'},
        {'name': 'settings', 'type': 'json', 'default': '{}'},
        {'name': 'models', 'type': 'json', 'default': none},
        {'name': 'space_id', 'type': 'key', 'default': none},
        {'name': 'caller', 'type': 'key', 'default': none},
        {'name': 'duration_ms', 'type': 'double', 'default': none},
    ]) }}
    {{ adapter.dispatch('inference_entry', 'hartonomous')(hartonomous.log_texts() == 'hash') }}
{% endmacro %}

{% macro default__inference_entry(hashes) %}
    {% do return(hartonomous.unsupported('inference_entry')) %}
{% endmacro %}

{% macro duckdb__inference_entry(hashes) %}
with given as (
    select
        {{ hartonomous.duckdb_logged_rows('results', hashes) | indent(8) }} as results,
        {{ hartonomous.duckdb_logged_rows('alternatives', hashes, "json_array_length(cast(results as json))") | indent(8) }} as alternatives,
        coalesce(space_id, {{ hartonomous.text_literal(hartonomous.space_settings().space_id) }}) as space_id
)

select
    replace(cast(uuid() as varchar), '-', '') as inference_id,
    -- now() has a zone, which only the extension icu could take away
    strftime(make_timestamp(epoch_us(now())), '%Y-%m-%dT%H:%M:%S.%f') as created_at,
    coalesce(caller, 'sql') as caller,
    task as task,
    method as method,
    given.space_id,
    coalesce(
        cast(models as json),
        (select to_json([space.model_name]) from {{ ref('spaces') }} as space where space.space_id = given.space_id),
        cast('[]' as json)
    ) as models,
    case
        when models is null
            then (select to_json([space.model_id]) from {{ ref('spaces') }} as space where space.space_id = given.space_id)
        else (
            select to_json(coalesce(list(model.model_id order by model.name), []))
            from {{ ref('models') }} as model
            where json_contains(cast(models as json), to_json(model.name))
        )
    end as model_ids,
    cast('[]' as json) as students,
    sha256(query_text) as query_hash,
    {{ 'cast(null as varchar)' if hashes else 'query_text' }} as query_text,
    cast(settings as json) as settings,
    coalesce(cast(duration_ms as double), 0) as duration_ms,
    cast(given.results ->> '$[0].confidence' as double) as confidence,
    cast(given.results ->> '$[0].recall_estimate' as double) as recall_estimate,
    given.results,
    given.alternatives,
    {{ hartonomous.serving_run() }} as run_id
from given
{% endmacro %}

{# A JSON array of rows as the log holds them: rank, id, text, and what else they have. #}
{% macro duckdb_logged_rows(rows, hashes, before='0') -%}
(
    select to_json(coalesce(list(logged.result order by logged.place), []))
    from (
        select
            place.n as place,
            json_merge_patch(
                json_extract(cast({{ rows }} as json), '$[' || (place.n - 1) || ']'),
                json_object(
                    'rank', place.n + {{ before }},
                    'id', coalesce(found.result -> 'id', found.result -> 'embedding_id', found.result -> 'token_id'),
                    {%- if hashes %}
                    'text_hash', sha256(coalesce(found.result ->> 'text', found.result ->> 'source_text', found.result ->> 'token')),
                    'text', null,
                    {%- else %}
                    'text', coalesce(found.result ->> 'text', found.result ->> 'source_text', found.result ->> 'token'),
                    {%- endif %}
                    'confidence', coalesce(
                        cast(found.result ->> 'confidence' as double),
                        -- least and greatest pass over a null
                        case when found.result ->> 'similarity' is not null then least(1, greatest(0, cast(found.result ->> 'similarity' as double))) end,
                        cast(found.result ->> 'probability' as double)
                    ),
                    'embedding_id', null,
                    'source_text', null,
                    'token_id', null,
                    'token', null
                )
            ) as result
        from range(1, cast(json_array_length(cast({{ rows }} as json)) as bigint) + 1) as place (n)
        cross join lateral (select json_extract(cast({{ rows }} as json), '$[' || (place.n - 1) || ']') as result) as found
    ) as logged
)
{%- endmacro %}

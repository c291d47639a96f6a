{#
  index_scan_missing(embeddings, search): one row where the vector index exists and the plan of a
  search with a bound vector does not use it; else none.
#}
{% macro index_scan_missing(embeddings, search) %}
    {%- set state = namespace(missing=false) -%}
    {% if execute %}
        {%- set index = run_query(
            "select 1 from duckdb_indexes() where table_name = '" ~ embeddings.identifier
            ~ "' and index_name = '" ~ hartonomous.index_name(embeddings, 'embedding', 'hnsw') ~ "'"
        ) -%}
        {%- set row = run_query('select cast(embedding as varchar) from ' ~ embeddings ~ ' limit 1') -%}
        {% if index.rows | length > 0 and row.rows | length > 0 %}
            {%- set plan = run_query(
                'explain ' ~ hartonomous.call(search, ["'" ~ row.rows[0][0] ~ "'", 10])
            ) -%}
            {% if 'HNSW_INDEX_SCAN' not in plan.rows[0][1] %}{% set state.missing = true %}{% endif %}
        {% endif %}
    {% endif %}
select 1 as index_scan_missing
where {{ '1 = 1' if state.missing else '1 = 0' }}
{% endmacro %}

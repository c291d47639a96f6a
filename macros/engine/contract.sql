{#
  Contracts name logical types (`key`, `int`, `vector`, ...), so that one yml serves every engine.
  This pre-hook turns them into the engine's types before the materialization reads them: `model`
  is the same object for both. Columns of a type that the engine lacks leave the contract, as they
  leave the SELECT. docs/decisions/0005-logical-contract-types.md

  key: the column that is the table's key, where the engine enforces one.
#}
{% macro resolve_contract_types(dimension=none, key=none) %}
    {% if execute %}
        {% for name, column in model['columns'].items() | list %}
            {% if column.get('data_type') and not column.get('logical_type') %}
                {%- set kind = hartonomous.contract_kind(name, column['data_type']) -%}
                {% if hartonomous.has_column_type(kind, dimension) %}
                    {% do column.update({
                        'logical_type': kind,
                        'data_type': hartonomous.sql_type(kind, dimension),
                        'constraints': column.get('constraints', []) + (hartonomous.key_constraints() if name == key else []),
                    }) %}
                {% else %}
                    {% do model['columns'].pop(name) %}
                {% endif %}
            {% endif %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{#
  The logical type that a contract means. dbt has put names of the adapter's own in place of some
  (INT for int, DATETIME2(6) for timestamp). A key that always holds a hash is typed as one, as it
  is landed: an incremental run refuses a column whose type differs from the table's.
#}
{% macro contract_kind(name, data_type) %}
    {%- set hashes = [
        'model_id', 'parent_model_id', 'tensor_id', 'embedding_tensor_id', 'text_id', 'tokenizer_id', 'sha256',
    ] -%}
    {%- set kind = {'datetime2(6)': 'timestamp'}.get(data_type | lower, data_type | lower) -%}
    {% do return('hash' if kind == 'key' and name in hashes else kind) %}
{% endmacro %}

{% macro has_column_type(kind, dimension) %}
    {% do return(
        (kind != 'point' or hartonomous.supports('geometry'))
        and (kind != 'vector' or dimension is none or hartonomous.supports('vector'))
    ) %}
{% endmacro %}

{# What makes a column of a contract the table's clustered key; nothing where that costs memory
   (DuckDB's ART index) or is not enforced (Fabric Warehouse). Data tests assert it everywhere. #}
{% macro key_constraints() %}
    {% do return(adapter.dispatch('key_constraints', 'hartonomous')()) %}
{% endmacro %}

{% macro sqlserver__key_constraints() %}
    {% do return([{'type': 'not_null'}, {'type': 'primary_key', 'expression': 'clustered'}]) %}
{% endmacro %}

{% macro default__key_constraints() %}
    {% do return([]) %}
{% endmacro %}

{#
  encode_statements(tokenizer), decode_statements(tokenizer, skip_special): the tokenizer as statements
  of a procedure, where an engine has no expression for it: from #input_texts (text_id, text) to
  #encoded (text_id, position, token_id), cut to @max_tokens; from #tokens (text_id, position,
  token_id) to #decoded (text_id, text). They are for engines with the capabilities `tokenizers` and
  `procedures`; DuckDB has encode_ctes and decode_ctes. What they read: tsql/tokenizer_tables_tsql.sql.
#}
{% macro encode_statements(tokenizer) %}
    {% do return(adapter.dispatch('encode_statements', 'hartonomous')(tokenizer)) %}
{% endmacro %}

{% macro default__encode_statements(tokenizer) %}
    {% do return(hartonomous.unsupported('a tokenizer as statements')) %}
{% endmacro %}

{% macro decode_statements(tokenizer, skip_special=true) %}
    {% do return(adapter.dispatch('decode_statements', 'hartonomous')(tokenizer, skip_special)) %}
{% endmacro %}

{% macro default__decode_statements(tokenizer, skip_special) %}
    {% do return(hartonomous.unsupported('a tokenizer as statements')) %}
{% endmacro %}

{{ tsql_tokenizer_merges() }}

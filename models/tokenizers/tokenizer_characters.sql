{{ tsql_tokenizer_characters() }}

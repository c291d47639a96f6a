{{ tsql_tokenizer_pieces() }}

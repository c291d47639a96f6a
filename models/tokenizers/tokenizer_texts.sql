{{ tsql_tokenizer_texts() }}

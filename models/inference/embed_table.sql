{{ embed_table() }}

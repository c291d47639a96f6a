{{ embedding_values() }}

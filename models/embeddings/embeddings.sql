{{ embedding_space() }}

{{ vector_index_search() }}

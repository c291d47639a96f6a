{{ vector_search() }}

{{ exact_vector_search() }}

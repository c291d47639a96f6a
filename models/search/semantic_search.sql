{{ semantic_search() }}

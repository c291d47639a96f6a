{{ hybrid_search() }}

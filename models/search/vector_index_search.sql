{{ hartonomous.only_where('vector_index') }}
{{ vector_index_search() }}

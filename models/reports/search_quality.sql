{{ hartonomous.only_where('vector_index') }}
{{ search_quality() }}

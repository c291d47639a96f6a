{{ search_quality() }}

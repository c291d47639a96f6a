{{ search_measurements() }}

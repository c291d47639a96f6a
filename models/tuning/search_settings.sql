{{ search_settings() }}

{{ place_query() }}

{{ hartonomous.only_where('vector') }}
{{ place_query() }}

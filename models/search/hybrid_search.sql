{{ hartonomous.only_where('geometry') }}
{{ hybrid_search() }}

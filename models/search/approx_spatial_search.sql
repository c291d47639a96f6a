{{ hartonomous.only_where('geometry') }}
{{ approx_spatial_search() }}

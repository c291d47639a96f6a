{{ hartonomous.only_where('geometry') }}
{{ generate_via_spatial() }}

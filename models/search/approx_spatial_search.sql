{{ approx_spatial_search() }}

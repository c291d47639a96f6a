{{ generate_via_spatial() }}

{{ search_curve() }}

{{ tuning_neighbors() }}

{{ tuning_queries() }}

{{ tuning_positions() }}

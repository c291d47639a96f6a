{{ score() }}

{{ ensemble_search() }}

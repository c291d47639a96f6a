{{ batch_search() }}

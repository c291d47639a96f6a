{{ cell_search() }}

{{ cell_codes() }}

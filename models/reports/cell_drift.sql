{{ cell_drift() }}

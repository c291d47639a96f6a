{{ grid_cells() }}

{{ generate_beam() }}

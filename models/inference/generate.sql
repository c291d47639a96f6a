{{ generate() }}

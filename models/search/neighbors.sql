{{ neighbors() }}

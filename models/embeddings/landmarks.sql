{{ landmarks() }}

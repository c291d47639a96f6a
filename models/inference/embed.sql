{{ embed() }}

{{ cells() }}

{{ lexical_search() }}

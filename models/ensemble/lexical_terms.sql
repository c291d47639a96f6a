{{ lexical_terms() }}

{{ lexical_texts() }}

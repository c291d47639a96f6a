{{ embedding_attributes() }}

{{ inference_position_embeddings(suffix='language') }}

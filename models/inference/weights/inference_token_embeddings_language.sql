{{ inference_token_embeddings(suffix='language') }}

{{ inference_token_embeddings() }}

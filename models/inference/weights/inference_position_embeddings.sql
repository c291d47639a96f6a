{{ inference_position_embeddings() }}

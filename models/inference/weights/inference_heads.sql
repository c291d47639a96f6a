{{ inference_heads() }}

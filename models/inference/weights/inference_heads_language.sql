{{ inference_heads(suffix='language') }}

{{ inference_norms(suffix='language') }}

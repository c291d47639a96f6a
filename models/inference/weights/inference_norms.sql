{{ inference_norms() }}

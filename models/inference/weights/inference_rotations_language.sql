{{ inference_rotations(suffix='language') }}

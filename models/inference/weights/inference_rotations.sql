{{ inference_rotations() }}

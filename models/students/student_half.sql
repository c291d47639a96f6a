{{ student(layers=[0, 1, 2], importance_threshold=0.7) }}

{{ training_vectors() }}

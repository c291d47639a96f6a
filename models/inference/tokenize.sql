{{ tokenize() }}

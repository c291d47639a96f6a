{{ detokenize() }}

"""Landing: raw rows of models, tokenizers, texts and embeddings, the contract between Python and SQL."""

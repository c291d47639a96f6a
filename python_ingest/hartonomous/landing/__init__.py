"""Landing: raw rows of models, tokenizers, texts and embeddings; the contract with SQL."""

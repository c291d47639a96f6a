{{ detokenize(model=language_model_name(), suffix='language') }}

{{ logit_lens() }}

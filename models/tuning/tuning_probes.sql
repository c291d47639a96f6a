{{ tuning_probes() }}

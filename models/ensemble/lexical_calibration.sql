{{ lexical_calibration() }}

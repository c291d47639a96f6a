{{ similarity_calibration() }}

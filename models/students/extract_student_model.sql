{{ extract_student_model() }}

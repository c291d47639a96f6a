{{ extracted_students() }}

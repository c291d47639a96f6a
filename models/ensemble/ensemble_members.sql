{{ ensemble_members() }}

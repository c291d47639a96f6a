{{ build_runs() }}

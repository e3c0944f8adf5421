"""From a program of definitions to running code: plan, memory, source, callable."""

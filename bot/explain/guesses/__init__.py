"""What names of tables and columns usually mean. English; each is a guess and used as one."""

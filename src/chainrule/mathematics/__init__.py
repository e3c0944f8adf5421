"""What is true: the records of functions and the lines of identities. Data, no algorithms."""

"""The secrets in files, in what is about to be committed, and in what was: which texts are looked at, what is told."""

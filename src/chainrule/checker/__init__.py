"""Is it true? Every relation of a document judged at many points, in balls where it seems false."""

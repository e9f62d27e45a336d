(unclosed) @unclosed

[(params) (clauses) (block) (record) (map) (list) (args) (match_expr) (ty_record) (use_names) (paren)] @indent

["}" "]" ")"] @outdent

[
  (params) (clauses) (block) (record) (map) (list) (args) (match_expr) (ty_record) (use_names)
  (text) (sh_text) (script_text)
] @fold

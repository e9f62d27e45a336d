; Neovim's captures. (Helix has its own kind: the setup page tells.) What stands inside a text is its own business.

[(params) (clauses) (block) (record) (map) (list) (args) (match_expr) (ty_record) (use_names) (paren)] @indent.begin

["}" "]" ")"] @indent.branch @indent.end

[(text) (sh_text) (script_text)] @indent.auto

[(comment) (doc_comment) (file_comment)] @indent.ignore

; Captures are the names that Neovim, Helix, Zed and `tree-sitter highlight` share. Later patterns win.

(identifier) @variable

; --- Comments ---

(comment) @comment
[(doc_comment) (file_comment)] @comment.documentation

; --- Words ---

["use" "type" "agent" "task" "flow" "settings" "test"] @keyword
["let" "mock" "assert" "gate" "sh" "script" "from" "schema"] @keyword
["independent" "each" "failed" "speculate"] @keyword
["if" "else" "match" "for" "in" "max" "reduce" "loop" "break" "continue" "try"] @keyword
["race" "first" "of" "ask" "approve" "fail" "escalate"] @keyword
(rollback) @keyword
["as" "with" "per"] @keyword.operator

; --- Values ---

(literal) @constant.builtin
[(number) (bound)] @number
["stdout" "lines"] @constant.builtin

; --- Operators and punctuation ---

["+" "-" "*" "/" "%" "==" "!=" "<" "<=" ">" ">=" "&&" "||" "??" "!" "=" "->" "=>" ".." "|"] @operator
(ty_optional "?" @operator)
["(" ")" "[" "]" "{" "}"] @punctuation.bracket
(ty_args ["<" ">"] @punctuation.bracket)
["," ":" "."] @punctuation.delimiter
(pattern_any) @variable.builtin

; --- Types ---

(type_identifier) @type
((type_identifier) @type.builtin
  (#any-of? @type.builtin
    "Bool" "Int" "Float" "Text" "Duration" "Size" "Money" "Json" "File" "Dir" "Agent" "Secret" "List" "Map" "Outcome"))
(ty_named module: (identifier) @module)

; --- Names by where they stand ---

(use_path (identifier) @module)
(use_item alias: (identifier) @module)
(agent_item name: (identifier) @constructor)
(task_item name: (identifier) @function)
(flow_item name: (identifier) @function)
(param name: (identifier) @variable.parameter)
(arg name: (identifier) @variable.parameter)
(mock_stmt kind: (identifier) @keyword)
(mock_stmt kind: (identifier) @_kind target: (use_path (identifier) @constructor) (#eq? @_kind "ask"))
(mock_stmt kind: (identifier) @_kind target: (use_path (identifier) @function) (#not-eq? @_kind "ask"))

(ty_field name: (identifier) @property)
(field_init name: (identifier) @property)
(pattern_fields (identifier) @property)
(field name: (field_identifier) @property)
(clause_word) @property
(pattern_name name: (identifier) @constructor)

(call function: (identifier) @function)
(call function: (field name: (field_identifier) @function))
((call function: (identifier) @function.builtin)
  (#any-of? @function.builtin
    "file" "dir" "glob" "pick" "read" "lines" "json" "text" "len" "sum" "min" "max" "range" "zip" "flatten" "sort" "join"
    "raw" "env" "secret"))
(ask_expr agent: (identifier) @constructor)
(ask_clause agent: (identifier) @constructor)

; --- Texts ---

(text ["\"" (text_body)] @string)
(sh_text "\"" @string)
(script_text "\"" @string)
(sh_body) @string
(script_body) @string
(map_entry key: (text (text_body) @property))
(escape) @string.escape
(splice ["{{" "}}"] @punctuation.special)
(unclosed) @error

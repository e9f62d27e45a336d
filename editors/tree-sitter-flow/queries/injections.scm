; Texts of other languages. What is spliced into them is flow and stays so: the bodies' children are left out.

((sh_body) @injection.content
  (#set! injection.language "bash"))

; --- `script`: its program says what it is ---

((script_clause
  program: (text (text_body) @_program)
  (script_text (script_body) @injection.content))
  (#match? @_program "(^|[/ ])(python[0-9.]*|pypy3?)$")
  (#set! injection.language "python"))

((script_clause
  program: (text (text_body) @_program)
  (script_text (script_body) @injection.content))
  (#match? @_program "(^|[/ ])(sh|bash|dash|zsh|ksh)$")
  (#set! injection.language "bash"))

((script_clause
  program: (text (text_body) @_program)
  (script_text (script_body) @injection.content))
  (#match? @_program "(^|[/ ])(node|nodejs|deno|bun)$")
  (#set! injection.language "javascript"))

((script_clause
  program: (text (text_body) @_program)
  (script_text (script_body) @injection.content))
  (#match? @_program "(^|[/ ])ruby$")
  (#set! injection.language "ruby"))

((script_clause
  program: (text (text_body) @_program)
  (script_text (script_body) @injection.content))
  (#match? @_program "(^|[/ ])perl$")
  (#set! injection.language "perl"))

((script_clause
  program: (text (text_body) @_program)
  (script_text (script_body) @injection.content))
  (#match? @_program "(^|[/ ])[gm]?awk$")
  (#set! injection.language "awk"))

((script_clause
  program: (text (text_body) @_program)
  (script_text (script_body) @injection.content))
  (#match? @_program "(^|[/ ])jq$")
  (#set! injection.language "jq"))

((script_clause
  program: (text (text_body) @_program)
  (script_text (script_body) @injection.content))
  (#match? @_program "(^|[/ ])Rscript$")
  (#set! injection.language "r"))

; --- Prompts and roles are Markdown. Its marks within lines are enough: indentation is not of the text. ---

((ask_expr prompt: (text (text_body) @injection.content))
  (#set! injection.language "markdown_inline"))
((ask_clause prompt: (text (text_body) @injection.content))
  (#set! injection.language "markdown_inline"))
((plain_clause name: (clause_word) @_clause (text (text_body) @injection.content))
  (#eq? @_clause "role")
  (#set! injection.language "markdown_inline"))

; --- Documentation ---

([(comment) (doc_comment) (file_comment)] @injection.content
  (#set! injection.language "comment"))

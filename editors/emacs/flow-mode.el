;;; flow-mode.el --- Major modes for .flow files -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0
;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1"))
;; Keywords: languages

;;; Commentary:

;; `flow-ts-mode' colours by the tree of editors/tree-sitter-flow, `flow-mode' by words.  Everything else is the language
;; server's: Eglot is told about `flowc lsp'.

;;; Code:

(require 'prog-mode)
(require 'treesit nil t)
(declare-function flow-ts-mode "flow-mode")
(declare-function treesit-ready-p "treesit")
(declare-function treesit-font-lock-rules "treesit")
(declare-function treesit-parser-create "treesit.c")
(declare-function treesit-major-mode-setup "treesit")
(declare-function treesit-node-text "treesit")
(declare-function treesit-node-child-by-field-name "treesit.c")

(defgroup flow nil "Flows of flowc." :group 'languages)

(defcustom flow-indent-offset 2
  "Columns by which what stands in brackets is indented."
  :type 'natnum)

(defcustom flow-server-command '("flowc" "lsp")
  "The language server and its arguments."
  :type '(repeat string))

(defvar flow--syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?/ ". 12" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?_ "_" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?' "." table)
    (dolist (sign '(?+ ?- ?* ?% ?< ?> ?= ?! ?& ?| ??))
      (modify-syntax-entry sign "." table))
    table)
  "Comments, texts and brackets of flow.")

(defconst flow--keywords
  '("approve" "ask" "as" "assert" "break" "continue" "else" "escalate" "fail" "first" "for" "from" "gate" "if" "in" "let"
    "loop" "match" "mock" "of" "race" "reduce" "rollback" "script" "sh" "try" "with")
  "Words that are no names, or hardly ever.")

(defconst flow--builtin-types
  '("Bool" "Int" "Float" "Text" "Duration" "Size" "Money" "Json" "File" "Dir" "Agent" "Secret" "List" "Map" "Outcome")
  "Types that are always at hand.")

(defconst flow--font-lock
  `(("^\\s-*\\(task\\|flow\\)\\s-+\\(\\_<[[:alpha:]_][[:alnum:]_]*\\_>\\)"
     (1 font-lock-keyword-face) (2 font-lock-function-name-face))
    ("^\\s-*\\(type\\|agent\\)\\s-+\\(\\_<[[:alpha:]_][[:alnum:]_]*\\_>\\)"
     (1 font-lock-keyword-face) (2 font-lock-type-face))
    ("^\\s-*\\(use\\|settings\\|test\\)\\_>" (1 font-lock-keyword-face))
    ("\\_<let\\s-+\\([[:alpha:]_][[:alnum:]_]*\\)" (1 font-lock-variable-name-face))
    (,(regexp-opt flow--keywords 'symbols) . font-lock-keyword-face)
    ("\\_<\\(?:none\\|true\\|false\\)\\_>" . font-lock-constant-face)
    (,(regexp-opt flow--builtin-types 'symbols) . font-lock-type-face)
    ("\\_<[[:upper:]][[:alnum:]_]*\\_>" . font-lock-type-face))
  "Colours of `flow-mode'.")

(defun flow--indent-line ()
  "Indent a line by the brackets open before it, but not inside texts."
  (let ((state (save-excursion (syntax-ppss (line-beginning-position)))))
    (unless (nth 3 state)
      (let* ((closes (save-excursion (back-to-indentation) (looking-at-p "[])}]")))
             (depth (- (car state) (if closes 1 0)))
             (from-end (- (point-max) (point))))
        (indent-line-to (max 0 (* flow-indent-offset depth)))
        (when (> (- (point-max) from-end) (point))
          (goto-char (- (point-max) from-end)))))))

(define-derived-mode flow--base-mode prog-mode "Flow"
  "What both modes for .flow files share."
  :syntax-table flow--syntax-table
  (setq-local comment-start "// "
              comment-end ""
              comment-start-skip "//[/!]*\\s-*"
              indent-tabs-mode nil
              indent-line-function #'flow--indent-line))

;;;###autoload
(define-derived-mode flow-mode flow--base-mode "Flow"
  "Major mode for .flow files, by words."
  (setq-local font-lock-defaults '(flow--font-lock)))

(defun flow--treesit-settings ()
  "Colours of `flow-ts-mode'."
  (treesit-font-lock-rules
   :language 'flow :feature 'comment
   '([(comment)] @font-lock-comment-face
     [(doc_comment) (file_comment)] @font-lock-doc-face)
   :language 'flow :feature 'definition
   '((task_item name: (identifier) @font-lock-function-name-face)
     (flow_item name: (identifier) @font-lock-function-name-face)
     (agent_item name: (identifier) @font-lock-type-face)
     (type_item name: (type_identifier) @font-lock-type-face)
     (param name: (identifier) @font-lock-variable-name-face)
     (let_stmt name: (identifier) @font-lock-variable-name-face))
   :language 'flow :feature 'keyword
   '(["use" "type" "agent" "task" "flow" "settings" "test" "let" "mock" "assert" "gate" "sh" "script" "from" "if" "else"
      "match" "for" "in" "max" "reduce" "loop" "break" "continue" "try" "race" "first" "of" "ask" "approve" "fail"
      "escalate" "as" "with" "per" "schema" "independent" "each" "failed" "speculate"]
     @font-lock-keyword-face
     (rollback) @font-lock-keyword-face
     (clause_word) @font-lock-builtin-face)
   :language 'flow :feature 'string
   '((text "\"" @font-lock-string-face)
     (sh_text "\"" @font-lock-string-face)
     (script_text "\"" @font-lock-string-face)
     [(text_body) (sh_body) (script_body)] @font-lock-string-face)
   :language 'flow :feature 'splice :override t
   '((splice (_) @default)
     (splice ["{{" "}}"] @font-lock-preprocessor-face)
     (escape) @font-lock-constant-face)
   :language 'flow :feature 'type
   '((type_identifier) @font-lock-type-face)
   :language 'flow :feature 'constant
   '([(literal) (number) "stdout" "lines"] @font-lock-constant-face)
   :language 'flow :feature 'function
   '((call function: (identifier) @font-lock-function-name-face))
   :language 'flow :feature 'property
   '((field_init name: (identifier) @font-lock-property-name-face)
     (ty_field name: (identifier) @font-lock-property-name-face))
   :language 'flow :feature 'error :override t
   '([(unclosed) (ERROR)] @font-lock-warning-face)))

(when (fboundp 'treesit-font-lock-rules)
  ;;;###autoload
  (define-derived-mode flow-ts-mode flow--base-mode "Flow"
    "Major mode for .flow files, by their tree."
    (when (treesit-ready-p 'flow)
      (treesit-parser-create 'flow)
      (setq-local treesit-font-lock-settings (flow--treesit-settings)
                  treesit-font-lock-feature-list '((comment definition) (keyword string splice type)
                                                   (constant function property) (error))
                  treesit-defun-type-regexp "\\`\\(?:task\\|flow\\|agent\\|type\\|test\\|settings\\)_item\\'"
                  treesit-simple-imenu-settings '(("Task" "\\`task_item\\'") ("Flow" "\\`flow_item\\'")
                                                  ("Agent" "\\`agent_item\\'") ("Type" "\\`type_item\\'"))
                  ;; Texts are the tree's business: a quote in the shell's text opens nothing.
                  treesit-defun-name-function
                  (lambda (node) (treesit-node-text (treesit-node-child-by-field-name node "name") t)))
      (treesit-major-mode-setup)
      (setq-local indent-line-function #'flow--indent-line))))

;;;###autoload
(defun flow-best-mode ()
  "Turn on `flow-ts-mode' where it can be had, else `flow-mode'."
  (if (and (fboundp 'treesit-ready-p) (treesit-ready-p 'flow t))
      (flow-ts-mode)
    (flow-mode)))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.flow\\'" . flow-best-mode))

(defvar eglot-server-programs)
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs `((flow-mode flow-ts-mode) . ,flow-server-command)))

(provide 'flow-mode)
;;; flow-mode.el ends here

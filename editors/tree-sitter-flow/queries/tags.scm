; What an outline and a search by name show.

((doc_comment)* @doc . (task_item name: (identifier) @name) @definition.function
  (#strip! @doc "^///\\s?") (#select-adjacent! @doc @definition.function))
((doc_comment)* @doc . (flow_item name: (identifier) @name) @definition.function
  (#strip! @doc "^///\\s?") (#select-adjacent! @doc @definition.function))
((doc_comment)* @doc . (agent_item name: (identifier) @name) @definition.class
  (#strip! @doc "^///\\s?") (#select-adjacent! @doc @definition.class))
((doc_comment)* @doc . (type_item name: (type_identifier) @name) @definition.type
  (#strip! @doc "^///\\s?") (#select-adjacent! @doc @definition.type))
(test_item name: (text (text_body) @name)) @definition.method

(call function: (identifier) @name) @reference.call
(call function: (field name: (field_identifier) @name)) @reference.call
(ask_expr agent: (identifier) @name) @reference.class
(ask_clause agent: (identifier) @name) @reference.class
(ty_named name: (type_identifier) @name) @reference.type

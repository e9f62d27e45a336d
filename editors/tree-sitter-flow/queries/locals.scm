; Where names are bound and how far they reach.

[(task_item) (flow_item) (test_item) (block) (for_expr) (reduce_expr) (loop_expr) (arm)] @local.scope

(param name: (identifier) @local.definition.parameter)
(let_stmt name: (identifier) @local.definition.var)
(for_expr name: (identifier) @local.definition.var)
(reduce_expr left: (identifier) @local.definition.var)
(reduce_expr right: (identifier) @local.definition.var)
(loop_expr name: (identifier) @local.definition.var)
(pattern_fields (identifier) @local.definition.var)

(task_item name: (identifier) @local.definition.function (#set! definition.function.scope "parent"))
(flow_item name: (identifier) @local.definition.function (#set! definition.function.scope "parent"))
(agent_item name: (identifier) @local.definition.type)
(type_item name: (type_identifier) @local.definition.type)
(use_names (identifier) @local.definition.import)
(use_item alias: (identifier) @local.definition.namespace)

(expression (identifier) @local.reference)
(ty_named name: (type_identifier) @local.reference)

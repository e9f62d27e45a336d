(task_item "task" @context name: (_) @name) @item
(flow_item "flow" @context name: (_) @name) @item
(agent_item "agent" @context name: (_) @name) @item
(type_item "type" @context name: (_) @name) @item
(test_item "test" @context name: (text (text_body) @name)) @item

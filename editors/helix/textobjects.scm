(task_item clauses: (_) @function.inside) @function.around
(flow_item body: (_) @function.inside) @function.around
(test_item body: (_) @test.inside) @test.around
(agent_item clauses: (_) @class.inside) @class.around
(type_item type: (_) @class.inside) @class.around

(param) @parameter.inside
(arg) @parameter.inside
(field_init value: (_) @entry.inside) @entry.around
(map_entry value: (_) @entry.inside) @entry.around

[(comment) (doc_comment) (file_comment)] @comment.inside
[(comment) (doc_comment) (file_comment)]+ @comment.around

[(comment) (doc_comment) (file_comment)] @comment.inclusive
[(text_body) (sh_body) (script_body)] @string

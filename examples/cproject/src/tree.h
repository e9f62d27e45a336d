/* The tree of an expression. */
#ifndef TREE_H
#define TREE_H

enum tree_kind { TREE_NUMBER, TREE_NEGATE, TREE_BINARY, TREE_CALL };

struct tree {
    enum tree_kind kind;
    double number;             /* of TREE_NUMBER */
    char sign;                 /* of TREE_BINARY */
    char name[16];             /* of TREE_CALL */
    struct tree *left, *right; /* the operand of TREE_NEGATE and TREE_CALL is the left one */
};

struct tree *tree_new(enum tree_kind kind, struct tree *left, struct tree *right);
void tree_free(struct tree *tree);

#endif

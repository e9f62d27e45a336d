#include "tree.h"

#include <stdio.h>
#include <stdlib.h>

struct tree *tree_new(enum tree_kind kind, struct tree *left, struct tree *right) {
    struct tree *tree = calloc(1, sizeof *tree);
    if (!tree) {
        fputs("calc: out of memory\n", stderr);
        exit(1);
    }
    tree->kind = kind;
    tree->left = left;
    tree->right = right;
    return tree;
}

void tree_free(struct tree *tree) {
    if (!tree) return;
    tree_free(tree->left);
    tree_free(tree->right);
    free(tree);
}

/* calc EXPRESSION: prints its value. */
#include <stdio.h>

#include "evaluate.h"
#include "parse.h"

int main(int count, char **arguments) {
    const char *wrong = NULL, *unknown = NULL;
    struct tree *tree;
    double value;
    if (count != 2) {
        fputs("usage: calc EXPRESSION\n", stderr);
        return 2;
    }
    tree = parse(arguments[1], &wrong);
    if (!tree) {
        fprintf(stderr, "calc: wrong at column %d\n", (int)(wrong - arguments[1]) + 1);
        return 1;
    }
    value = evaluate(tree, &unknown);
    if (unknown) fprintf(stderr, "calc: no function `%s`\n", unknown);
    else printf("%.15g\n", value);
    tree_free(tree);
    return unknown ? 1 : 0;
}

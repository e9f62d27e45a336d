#include "evaluate.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *name;
    double (*function)(double);
} functions[] = {{"sqrt", sqrt}, {"sin", sin}, {"cos", cos}, {"exp", exp}, {"log", log}, {"abs", fabs}};

double evaluate(const struct tree *tree, const char **unknown) {
    double left = tree->left ? evaluate(tree->left, unknown) : 0;
    double right = tree->right ? evaluate(tree->right, unknown) : 0;
    switch (tree->kind) {
        case TREE_NUMBER:
            return tree->number;
        case TREE_NEGATE:
            return -left;
        case TREE_CALL:
            for (size_t i = 0; i < sizeof functions / sizeof *functions; ++i)
                if (strcmp(functions[i].name, tree->name) == 0) return functions[i].function(left);
            *unknown = tree->name;
            return 0;
        case TREE_BINARY:
            break;
    }
    switch (tree->sign) {
        case '+':
            return left + right;
        case '-':
            return left - right;
        case '*':
            return left * right;
        case '/':
            return left / right;
        default:
            return pow(left, right);
    }
}

/* From tree to number. */
#ifndef EVALUATE_H
#define EVALUATE_H

#include "tree.h"

/* The value of a tree. A name that is no function sets *unknown to it. */
double evaluate(const struct tree *tree, const char **unknown);

#endif

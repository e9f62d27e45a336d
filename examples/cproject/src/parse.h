/* From text to tree. */
#ifndef PARSE_H
#define PARSE_H

#include "tree.h"

/* The tree of an expression, or NULL and in *wrong the place where it is none. */
struct tree *parse(const char *text, const char **wrong);

#endif

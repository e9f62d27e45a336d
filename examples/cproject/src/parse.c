#include "parse.h"

#include <string.h>

#include "token.h"

struct parser {
    const char *rest;
    struct token token;
    const char *wrong; /* the first place that fits nowhere */
    int depth;
};

static struct tree *sum(struct parser *parser);

static void next(struct parser *parser) { parser->token = token_next(&parser->rest); }

static int is(const struct parser *parser, const char *signs) {
    return parser->token.kind == TOKEN_SIGN && strchr(signs, parser->token.sign) != NULL;
}

static struct tree *refuse(struct parser *parser) {
    if (!parser->wrong) parser->wrong = parser->token.at;
    return tree_new(TREE_NUMBER, NULL, NULL);
}

static struct tree *parenthesised(struct parser *parser) {
    struct tree *tree;
    if (!is(parser, "(") || ++parser->depth > 200) return refuse(parser);
    next(parser);
    tree = sum(parser);
    if (!is(parser, ")")) {
        if (!parser->wrong) parser->wrong = parser->token.at;
        return tree;
    }
    next(parser);
    --parser->depth;
    return tree;
}

static struct tree *atom(struct parser *parser) {
    struct tree *tree;
    switch (parser->token.kind) {
        case TOKEN_NUMBER:
            tree = tree_new(TREE_NUMBER, NULL, NULL);
            tree->number = parser->token.number;
            next(parser);
            return tree;
        case TOKEN_NAME:
            tree = tree_new(TREE_CALL, NULL, NULL);
            memcpy(tree->name, parser->token.name, sizeof tree->name);
            next(parser);
            tree->left = parenthesised(parser);
            return tree;
        default:
            return parenthesised(parser);
    }
}

static struct tree *power(struct parser *parser) {
    struct tree *tree;
    if (is(parser, "-")) {
        if (++parser->depth > 200) return refuse(parser);
        next(parser);
        tree = tree_new(TREE_NEGATE, power(parser), NULL);
        --parser->depth;
        return tree;
    }
    tree = atom(parser);
    if (is(parser, "^")) {
        if (++parser->depth > 200) return tree_free(tree), refuse(parser);
        next(parser);
        tree = tree_new(TREE_BINARY, tree, power(parser));
        tree->sign = '^';
        --parser->depth;
    }
    return tree;
}

static struct tree *chain(struct parser *parser, const char *signs, struct tree *(*part)(struct parser *)) {
    struct tree *tree = part(parser);
    while (is(parser, signs) && !parser->wrong) {
        char sign = parser->token.sign;
        next(parser);
        tree = tree_new(TREE_BINARY, tree, part(parser));
        tree->sign = sign;
    }
    return tree;
}

static struct tree *product(struct parser *parser) { return chain(parser, "*/", power); }

static struct tree *sum(struct parser *parser) { return chain(parser, "+-", product); }

struct tree *parse(const char *text, const char **wrong) {
    struct parser parser = {.rest = text};
    struct tree *tree;
    next(&parser);
    tree = sum(&parser);
    if (!parser.wrong && parser.token.kind != TOKEN_END) parser.wrong = parser.token.at;
    if (!parser.wrong) return tree;
    *wrong = parser.wrong;
    tree_free(tree);
    return NULL;
}

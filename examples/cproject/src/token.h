/* The tokens of an expression. */
#ifndef TOKEN_H
#define TOKEN_H

enum token_kind { TOKEN_NUMBER, TOKEN_NAME, TOKEN_SIGN, TOKEN_END, TOKEN_WRONG };

struct token {
    enum token_kind kind;
    double number;   /* of TOKEN_NUMBER */
    char name[16];   /* of TOKEN_NAME */
    char sign;       /* of TOKEN_SIGN */
    const char *at;  /* its first character */
};

/* Reads the token at *text and moves *text behind it. */
struct token token_next(const char **text);

#endif

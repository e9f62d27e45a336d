#include "token.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct token token_next(const char **text) {
    struct token token = {.kind = TOKEN_END};
    while (isspace((unsigned char)**text)) ++*text;
    token.at = *text;
    if (**text == '\0') return token;
    if (isdigit((unsigned char)**text) || **text == '.') {
        char *end;
        token.number = strtod(*text, &end);
        token.kind = end == *text ? TOKEN_WRONG : TOKEN_NUMBER;
        *text = end == *text ? *text + 1 : end;
        return token;
    }
    if (isalpha((unsigned char)**text)) {
        size_t length = 0;
        while (isalnum((unsigned char)(*text)[length])) ++length;
        token.kind = length < sizeof token.name ? TOKEN_NAME : TOKEN_WRONG;
        memcpy(token.name, *text, length < sizeof token.name ? length : 0);
        *text += length;
        return token;
    }
    token.kind = strchr("+-*/^()", **text) ? TOKEN_SIGN : TOKEN_WRONG;
    token.sign = *(*text)++;
    return token;
}

// Where the texts of flow end, and words that are words only before what must follow them.
//
// A text that n >= 3 quotes open ends at n quotes, one that one quote opens at the next on its line. Inside, the form
// of its opening decides: `Plain` has escapes and splices, `Shell` splices and `\{{`, `Raw` neither. Splices hold
// expressions, and those hold texts: the stack keeps what is open. `grammar/src/lex.rs` does the same for the compiler.
#include "tree_sitter/alloc.h"
#include "tree_sitter/parser.h"

#include <string.h>

enum Token {
  TEXT_OPEN,
  SH_OPEN,
  SCRIPT_OPEN,
  RAW_OPEN,
  CONTENT,
  ESCAPE,
  SPLICE_OPEN,
  SPLICE_CLOSE,
  TEXT_CLOSE,
  UNCLOSED,
  PER,
  SCHEMA,
  INDEPENDENT,
  EACH,
  FAILED,
  SPECULATE,
  RIGHT_BRACE,
  ERROR_SENTINEL,
};

enum Form { PLAIN, SHELL, RAW, SPLICE };

// What is open; of a splice the quotes mean nothing. Deeper nesting than this reads as one text.
enum { MAX_DEPTH = 256, MAX_QUOTES = 65535, FRAME_BYTES = 3, WORD_BYTES = 12 };

typedef struct {
  uint8_t form;
  uint16_t quotes;
} Frame;

typedef struct {
  uint16_t depth;
  Frame frames[MAX_DEPTH];
} Scanner;

void *tree_sitter_flow_external_scanner_create(void) { return ts_calloc(1, sizeof(Scanner)); }

void tree_sitter_flow_external_scanner_destroy(void *payload) { ts_free(payload); }

unsigned tree_sitter_flow_external_scanner_serialize(void *payload, char *buffer) {
  const Scanner *scanner = payload;
  unsigned size = 0;
  for (unsigned i = 0; i < scanner->depth; i++) {
    buffer[size++] = (char)scanner->frames[i].form;
    buffer[size++] = (char)(scanner->frames[i].quotes & 0xff);
    buffer[size++] = (char)(scanner->frames[i].quotes >> 8);
  }
  return size;
}

void tree_sitter_flow_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  Scanner *scanner = payload;
  scanner->depth = 0;
  for (unsigned i = 0; i + FRAME_BYTES <= length && scanner->depth < MAX_DEPTH; i += FRAME_BYTES) {
    Frame *frame = &scanner->frames[scanner->depth++];
    frame->form = (uint8_t)buffer[i];
    frame->quotes = (uint16_t)((uint8_t)buffer[i + 1] | (uint8_t)buffer[i + 2] << 8);
  }
}

static bool push(Scanner *scanner, enum Form form, unsigned quotes) {
  if (scanner->depth == MAX_DEPTH || (scanner->depth + 1) * FRAME_BYTES > TREE_SITTER_SERIALIZATION_BUFFER_SIZE) {
    return false;
  }
  scanner->frames[scanner->depth++] = (Frame){(uint8_t)form, (uint16_t)quotes};
  return true;
}

static void advance(TSLexer *lexer) { lexer->advance(lexer, false); }

// A line end closes a text when it, or one around it, stands on one line.
static bool on_one_line(const Scanner *scanner) {
  for (unsigned i = 0; i < scanner->depth; i++) {
    if (scanner->frames[i].form != SPLICE && scanner->frames[i].quotes == 1) {
      return true;
    }
  }
  return false;
}

static bool done(TSLexer *lexer, enum Token token) {
  lexer->result_symbol = token;
  return true;
}

// The next token inside a text. Content ends before whatever is not content.
static bool scan_text(Scanner *scanner, TSLexer *lexer) {
  const Frame frame = scanner->frames[scanner->depth - 1];
  const bool one_line = on_one_line(scanner);
  bool content = false;
  for (;;) {
    lexer->mark_end(lexer);
    if (lexer->eof(lexer) || (lexer->lookahead == '\n' && one_line)) {
      if (content) {
        return done(lexer, CONTENT);
      }
      scanner->depth--;
      return done(lexer, UNCLOSED);
    }
    if (lexer->lookahead == '"') {
      unsigned seen = 0;
      while (seen < frame.quotes && lexer->lookahead == '"') {
        advance(lexer);
        seen++;
      }
      if (seen == frame.quotes) {
        if (content) {
          return done(lexer, CONTENT);
        }
        lexer->mark_end(lexer);
        scanner->depth--;
        return done(lexer, TEXT_CLOSE);
      }
      content = true;
      continue;
    }
    if (lexer->lookahead == '{' && frame.form != RAW) {
      advance(lexer);
      if (lexer->lookahead != '{') {
        content = true;
        continue;
      }
      if (content) {
        return done(lexer, CONTENT);
      }
      advance(lexer);
      if (!push(scanner, SPLICE, 0)) {
        content = true;
        continue;
      }
      lexer->mark_end(lexer);
      return done(lexer, SPLICE_OPEN);
    }
    if (lexer->lookahead == '\\' && frame.form != RAW) {
      advance(lexer);
      bool escape = false;
      if (lexer->lookahead == '{') {
        advance(lexer);
        if (lexer->lookahead == '{') {
          advance(lexer);
          escape = true;
        } else if (frame.form == PLAIN) {
          // `\{` alone: the compiler says that it means nothing.
          escape = true;
        }
      } else if (frame.form == PLAIN && !lexer->eof(lexer) && !(lexer->lookahead == '\n' && one_line)) {
        const bool unicode = lexer->lookahead == 'u';
        advance(lexer);
        if (unicode && lexer->lookahead == '{') {
          // What is not in the form of `\u{…}` stays content behind the `\u`.
          if (!content) {
            lexer->mark_end(lexer);
          }
          advance(lexer);
          if (lexer->lookahead != '{') {
            while ((lexer->lookahead >= '0' && lexer->lookahead <= '9') ||
                   (lexer->lookahead >= 'a' && lexer->lookahead <= 'f') ||
                   (lexer->lookahead >= 'A' && lexer->lookahead <= 'F')) {
              advance(lexer);
            }
            if (lexer->lookahead == '}') {
              advance(lexer);
              if (!content) {
                lexer->mark_end(lexer);
              }
            }
          }
          return done(lexer, content ? CONTENT : ESCAPE);
        }
        escape = true;
      }
      if (escape) {
        if (content) {
          return done(lexer, CONTENT);
        }
        lexer->mark_end(lexer);
        return done(lexer, ESCAPE);
      }
      content = true;
      continue;
    }
    advance(lexer);
    content = true;
  }
}

static bool continues_word(int32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c > 127;
}

static bool is_blank(int32_t c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static bool skip_blanks(TSLexer *lexer) {
  const bool any = is_blank(lexer->lookahead);
  while (is_blank(lexer->lookahead)) {
    advance(lexer);
  }
  return any;
}

// Reads a word; of one that is longer than any of ours, nothing fits.
static void read_word(TSLexer *lexer, char word[WORD_BYTES]) {
  unsigned length = 0;
  while (continues_word(lexer->lookahead)) {
    if (length < WORD_BYTES - 1) {
      word[length++] = lexer->lookahead > 127 ? '?' : (char)lexer->lookahead;
    }
    advance(lexer);
  }
  word[length] = 0;
}

// Whether a condition begins here, so that the `speculate` before was not the condition's first name.
static bool condition_follows(TSLexer *lexer) {
  if (lexer->lookahead == '(' || lexer->lookahead == '[') {
    return false;
  }
  skip_blanks(lexer);
  const int32_t first = lexer->lookahead;
  if (lexer->eof(lexer) || strchr(".<>+*/%}", first < 128 ? (int)first : ' ')) {
    return false;
  }
  if (continues_word(first)) {
    char word[WORD_BYTES];
    read_word(lexer, word);
    return strcmp(word, "else") != 0 && strcmp(word, "as") != 0 && strcmp(word, "with") != 0;
  }
  advance(lexer);
  switch (first) {
    case '=':
    case '!':
      return lexer->lookahead != '=';
    case '&':
    case '|':
    case '?':
      return lexer->lookahead != first;
    case '-':
      return lexer->lookahead != ' ';
    default:
      return true;
  }
}

static bool scan_word(TSLexer *lexer, const bool *valid) {
  char word[WORD_BYTES];
  read_word(lexer, word);
  lexer->mark_end(lexer);
  if (valid[PER] && strcmp(word, "per") == 0) {
    skip_blanks(lexer);
    const bool number = lexer->lookahead == '$' || (lexer->lookahead >= '0' && lexer->lookahead <= '9');
    return number && done(lexer, PER);
  }
  if (valid[SCHEMA] && strcmp(word, "schema") == 0) {
    skip_blanks(lexer);
    return lexer->lookahead == '(' && done(lexer, SCHEMA);
  }
  if (valid[INDEPENDENT] && strcmp(word, "independent") == 0) {
    return skip_blanks(lexer) && lexer->lookahead == '[' && done(lexer, INDEPENDENT);
  }
  if (valid[EACH] && strcmp(word, "each") == 0) {
    skip_blanks(lexer);
    return lexer->lookahead == '[' && done(lexer, EACH);
  }
  if (valid[FAILED] && strcmp(word, "failed") == 0) {
    skip_blanks(lexer);
    return lexer->lookahead == '{' && done(lexer, FAILED);
  }
  if (valid[SPECULATE] && strcmp(word, "speculate") == 0) {
    return condition_follows(lexer) && done(lexer, SPECULATE);
  }
  return false;
}

// While the parser recovers from an error every token is valid; only what the stack knows is told then.
bool tree_sitter_flow_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
  Scanner *scanner = payload;
  const bool recovering = valid[ERROR_SENTINEL];
  const bool in_splice = scanner->depth > 0 && scanner->frames[scanner->depth - 1].form == SPLICE;
  if (scanner->depth > 0 && !in_splice) {
    return scan_text(scanner, lexer);
  }
  const bool one_line = in_splice && on_one_line(scanner);
  while (is_blank(lexer->lookahead)) {
    if (lexer->lookahead == '\n' && one_line) {
      break;
    }
    lexer->advance(lexer, true);
  }
  if (in_splice && (lexer->eof(lexer) || (lexer->lookahead == '\n' && one_line))) {
    // The splice was not closed before its text had to be: both end here.
    lexer->mark_end(lexer);
    scanner->depth--;
    return done(lexer, SPLICE_CLOSE);
  }
  // Two braces close a splice unless one belongs to a record or a block in it, also where neither was expected.
  if (in_splice && lexer->lookahead == '}' && (valid[SPLICE_CLOSE] || !valid[RIGHT_BRACE])) {
    advance(lexer);
    if (lexer->lookahead != '}') {
      return false;
    }
    advance(lexer);
    lexer->mark_end(lexer);
    scanner->depth--;
    return done(lexer, SPLICE_CLOSE);
  }
  if (valid[TEXT_OPEN] || valid[SH_OPEN] || valid[SCRIPT_OPEN] || valid[RAW_OPEN]) {
    // In front of an error all are valid: then a text is a plain one.
    enum Token token = recovering           ? TEXT_OPEN
                       : valid[SCRIPT_OPEN] ? SCRIPT_OPEN
                       : valid[SH_OPEN]     ? SH_OPEN
                                            : TEXT_OPEN;
    if (lexer->lookahead == 'r' && (valid[RAW_OPEN] || valid[SCRIPT_OPEN])) {
      advance(lexer);
      if (lexer->lookahead != '"') {
        return false;
      }
      token = token == SCRIPT_OPEN ? SCRIPT_OPEN : RAW_OPEN;
    }
    if (lexer->lookahead == '"') {
      unsigned quotes = 0;
      while (lexer->lookahead == '"' && quotes < MAX_QUOTES) {
        advance(lexer);
        quotes++;
        if (quotes == 1) {
          lexer->mark_end(lexer);
        }
      }
      if (quotes >= 3) {
        lexer->mark_end(lexer);
      } else {
        quotes = 1;
      }
      const enum Form form = token == TEXT_OPEN ? PLAIN : token == SH_OPEN ? SHELL : RAW;
      return push(scanner, form, quotes) && done(lexer, token);
    }
  }
  if (!recovering && lexer->lookahead >= 'a' && lexer->lookahead <= 'z') {
    return scan_word(lexer, valid);
  }
  return false;
}

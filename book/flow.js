// Colours for `flow` blocks of the book. The words are those of the editors' grammars (editors/vscode/syntaxes), fewer rules: the book's
// programs are right, or wrong on purpose and said to be.
(() => {
  if (typeof hljs === "undefined") return;
  const word = (words) => ({ className: "keyword", begin: `\\b(?:${words})\\b(?!\\s*[:=(.])` });
  const splice = { className: "subst", begin: /\{\{/, end: /\}\}/ };
  hljs.registerLanguage("flow", () => ({
    name: "flow",
    contains: [
      { className: "comment", begin: /\/\//, end: /$/ },
      { className: "string", begin: /("{3,})/, end: /"{3,}/, contains: [splice] },
      { className: "string", begin: /"/, end: /"/, illegal: /\n/, contains: [{ begin: /\\./ }, splice] },
      { begin: /\b(?:use|type|agent|task|flow|settings|test|let)\b/, className: "keyword" },
      word("if|else|match|for|in|of|reduce|loop|max|break|continue|try|race|first|ask|approve|fail|escalate|rollback|gate|assert|mock|as|from|with"),
      {
        // Clauses: names everywhere else.
        className: "built_in",
        begin: /\b(?:sh|exec|script|needs|env|timeout|retry|cache|stdin|shell|reads|writes|edits|exclusive|effect|reply|role|fallback|pool|limits)\b(?=\s+(?:r?"|[[{$\d]|[\p{L}_]))/u,
      },
      { className: "literal", begin: /\b(?:true|false|none|stdout|lines)\b/ },
      { className: "number", begin: /\$?\b\d[\d_]*(?:\.\d[\d_]*)?(?:ms|[smhd]|[KMGT]i?B|B)?\b/ },
      { className: "type", begin: /\b[A-Z][A-Za-z0-9_]*\b/ },
    ],
  }));
  // The book has coloured its blocks before it came here.
  for (const block of document.querySelectorAll("code.language-flow")) {
    block.textContent = block.textContent;
    hljs.highlightBlock(block);
  }
})();

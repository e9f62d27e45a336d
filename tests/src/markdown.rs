//! Markdown as test data: headings, and the fenced blocks below them with their places. It must not know what blocks mean.
use std::ops::Range;

/// A heading with the blocks up to the next one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Section {
    /// The headings above and this one, from the second level down: `operators / precedence`.
    pub title: String,
    /// The line of the heading, from 1.
    pub line: usize,
    /// The fenced blocks, in order.
    pub blocks: Vec<Block>,
}

/// A fenced block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// The first word after the fence: `flow`, `console`.
    pub lang: String,
    /// The other words after the fence, parted by blanks or commas.
    pub words: Vec<String>,
    /// What stands between the fences, line ends included.
    pub text: String,
    /// The bytes of `text` in the file.
    pub range: Range<usize>,
    /// The line of the first line of `text`, from 1.
    pub line: usize,
}

impl Block {
    /// Whether this word stands after the fence.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.words.iter().any(|w| w == word)
    }

    /// The path among the words: the one with a dot or slash in it.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.words.iter().map(String::as_str).find(|word| word.contains(['.', '/']))
    }
}

/// The sections of a page. What stands above the first heading is a section without a title. A fence stands at the
/// beginning of its line, and the one that closes it is at least as long.
#[must_use]
pub fn sections(page: &str) -> Vec<Section> {
    let mut sections = vec![Section { title: String::new(), line: 1, blocks: Vec::new() }];
    let mut above: Vec<(usize, &str)> = Vec::new();
    let mut open: Option<(usize, Block)> = None;
    let mut at = 0;
    for (number, line) in page.split_inclusive('\n').enumerate() {
        let start = at;
        at += line.len();
        let trimmed = line.trim_end();
        let ticks = trimmed.bytes().take_while(|&b| b == b'`').count();
        match &mut open {
            Some((fence, block)) => {
                if ticks >= *fence && ticks == trimmed.len() {
                    block.range.end = start;
                    block.text = page.get(block.range.clone()).unwrap_or_default().to_owned();
                    let (_, block) = open.take().expect("matched above");
                    if let Some(section) = sections.last_mut() {
                        section.blocks.push(block);
                    }
                }
            }
            None if ticks >= 3 => {
                let mut words = trimmed[ticks..].split([' ', ',']).filter(|w| !w.is_empty());
                let lang = words.next().unwrap_or_default().to_owned();
                let words = words.map(str::to_owned).collect();
                let block = Block { lang, words, text: String::new(), range: at..at, line: number + 2 };
                open = Some((ticks, block));
            }
            None => {
                let level = trimmed.bytes().take_while(|&b| b == b'#').count();
                if level > 0 && trimmed.as_bytes().get(level) == Some(&b' ') {
                    above.retain(|(of, _)| *of < level);
                    above.push((level, trimmed[level..].trim()));
                    let names = above.iter().filter(|(level, _)| *level > 1).map(|(_, name)| *name);
                    let title = names.collect::<Vec<_>>().join(" / ");
                    sections.push(Section { title, line: number + 1, blocks: Vec::new() });
                }
            }
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_name_and_fences_hold() {
        let page = "# Page\n```a\nx\n```\n## One\n### Two\n````b,c.d ignore\n```\n# no\n````\n## Three\n";
        let found: Vec<_> = sections(page)
            .into_iter()
            .flat_map(|s| {
                let title = s.title.clone();
                s.blocks
                    .into_iter()
                    .map(move |b| (title.clone(), b.lang.clone(), b.path().map(str::to_owned), b.text))
            })
            .collect();
        assert_eq!(
            found,
            [
                (String::new(), "a".to_owned(), None, "x\n".to_owned()),
                ("One / Two".to_owned(), "b".to_owned(), Some("c.d".to_owned()), "```\n# no\n".to_owned()),
            ]
        );
        assert_eq!(sections(page).last().map(|s| (s.title.as_str(), s.line)), Some(("Three", 11)));
    }
}

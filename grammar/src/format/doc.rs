//! The document between trees and text: a flat row of elements in the algebra of Wadler's "A prettier printer" (2003),
//! held and measured as in Oppen's "Prettyprinting" (1980): groups are marks in the row, so nothing recurses and all
//! is linear. It knows no grammar.
//!
//! A *group* is laid out flat when all of it fits into the line, else its own [`Elem::Line`]s break. Whatever can
//! only stand on several lines (a comment, a text of several lines, two statements) breaks all groups around it.
//! So a document that is printed, read and built again has the same groups broken, and prints the same.

/// What the row is made of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Elem<'t> {
    /// Text without a line end.
    Text(&'t str),
    /// A text literal of several lines.
    Long(Long<'t>),
    /// One blank.
    Space,
    /// One blank; where a comment ends the line here, what follows stands under what the line began with.
    Beside,
    /// A line end where the group is broken, else `flat`. `blank`: an empty line follows it.
    Line { flat: &'static str, blank: bool },
    /// A line end.
    Hard { blank: bool },
    /// A comma where the group is broken.
    LastComma,
    /// So many levels more (or fewer) where the group is broken.
    Indent(i32),
    /// The group with this number begins.
    Open(usize),
    /// The group that began last ends.
    Close,
    /// A comment on a line of its own, or behind what it is about; then the line ends.
    Comment { text: &'t str, trailing: bool },
}

/// A text literal of several lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Long<'t> {
    /// All of it, quotes included.
    pub(super) source: &'t str,
    /// The blanks that each of its lines begins with and that are no part of it; `None` where it must stay as it is.
    pub(super) indent: Option<&'t str>,
    /// Which of the row's [`Doc::splices`] lie in it: lines that begin inside a splice stay as they are.
    pub(super) splices: (usize, usize),
}

/// What is known of a group.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Group {
    /// Where it begins in the row.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
    /// It cannot be flat.
    pub(super) broken: bool,
    /// It may keep its own lines flat while its last part breaks: `f(a, [`.
    pub(super) hug: Option<Hug>,
}

/// How a group may hold its last part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hug {
    /// Where the last part begins in the row.
    pub(super) at: usize,
    /// The group in it that breaks then; none in a text of several lines.
    pub(super) target: Option<usize>,
}

/// A whole document.
#[derive(Default, Debug)]
pub(super) struct Doc<'t> {
    /// The row.
    pub(super) elems: Vec<Elem<'t>>,
    /// The groups, by number.
    pub(super) groups: Vec<Group>,
    /// Byte ranges of splices, relative to the literal that they stand in.
    pub(super) splices: Vec<(usize, usize)>,
    open: Vec<Frame>,
}

/// A group that is being built.
#[derive(Debug)]
struct Frame {
    group: usize,
    /// Something in it needs several lines.
    hard: bool,
    /// Something that stands in it directly does.
    own_hard: bool,
    /// The last group directly in it.
    last_child: Option<usize>,
    /// Where its last part begins, if nothing before that needs several lines.
    hug: Option<usize>,
}

impl<'t> Doc<'t> {
    /// Begins a group.
    pub(super) fn open(&mut self) {
        let group = self.groups.len();
        self.groups.push(Group { start: self.elems.len(), ..Group::default() });
        self.elems.push(Elem::Open(group));
        self.open.push(Frame { group, hard: false, own_hard: false, last_child: None, hug: None });
    }

    /// Ends the group that was begun last.
    pub(super) fn close(&mut self) {
        let Some(frame) = self.open.pop() else { return };
        let hug = frame.hug.filter(|_| !frame.own_hard);
        if let Some(group) = self.groups.get_mut(frame.group) {
            let target = frame.last_child;
            group.end = self.elems.len();
            group.broken = frame.hard;
            group.hug = hug.map(|at| Hug { at, target });
        }
        self.elems.push(Elem::Close);
        if let Some(parent) = self.open.last_mut() {
            parent.hard |= frame.hard;
            parent.last_child = Some(frame.group);
        }
    }

    /// The last part of the group begins here, and the group may hold it.
    pub(super) fn hug(&mut self) {
        let at = self.elems.len();
        if let Some(frame) = self.open.last_mut().filter(|frame| !frame.hard) {
            frame.hug = Some(at);
            frame.last_child = None;
        }
    }

    /// The group that was begun last cannot be flat.
    pub(super) fn break_group(&mut self) {
        if let Some(frame) = self.open.last_mut() {
            frame.hard = true;
            frame.own_hard = true;
        }
    }

    /// Adds an element that is no mark of a group.
    pub(super) fn push(&mut self, elem: Elem<'t>) {
        if let Some(frame) = self.open.last_mut() {
            match elem {
                Elem::Hard { .. } | Elem::Comment { .. } => {
                    frame.hard = true;
                    frame.own_hard = true;
                }
                // What a group holds last may be such a text.
                Elem::Long(_) => frame.hard = true,
                _ => {}
            }
        }
        self.elems.push(elem);
    }
}

//! Plain directed graphs: strongly connected components and shortest circles. It knows nothing of files, types or flows.
use std::collections::VecDeque;

/// The components of more than one node, and single nodes with an edge to themselves; nodes ascending, components by their first node.
pub(crate) fn circular_components(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut state =
        Tarjan { edges, index: vec![usize::MAX; edges.len()], low: vec![0; edges.len()], ..Tarjan::empty() };
    for node in 0..edges.len() {
        if state.index[node] == usize::MAX {
            state.visit(node);
        }
    }
    let mut found: Vec<Vec<usize>> = state
        .found
        .into_iter()
        .filter(|nodes| nodes.len() > 1 || nodes.iter().any(|node| edges[*node].contains(node)))
        .map(|mut nodes| {
            nodes.sort_unstable();
            nodes
        })
        .collect();
    found.sort_unstable();
    found
}

/// The shortest way from `start` back to it: the nodes on it, `start` first and not again at the end.
pub(crate) fn shortest_circle(edges: &[Vec<usize>], start: usize) -> Vec<usize> {
    let mut before = vec![usize::MAX; edges.len()];
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for &next in &edges[node] {
            if next == start {
                let mut way = vec![node];
                let mut at = node;
                while at != start {
                    at = before[at];
                    way.push(at);
                }
                way.reverse();
                return way;
            }
            if before[next] == usize::MAX {
                before[next] = node;
                queue.push_back(next);
            }
        }
    }
    Vec::new()
}

struct Tarjan<'a> {
    edges: &'a [Vec<usize>],
    index: Vec<usize>,
    low: Vec<usize>,
    stack: Vec<usize>,
    on_stack: Vec<bool>,
    next: usize,
    found: Vec<Vec<usize>>,
}

impl<'a> Tarjan<'a> {
    fn empty() -> Self {
        Self {
            edges: &[],
            index: vec![],
            low: vec![],
            stack: vec![],
            on_stack: vec![],
            next: 0,
            found: vec![],
        }
    }

    /// Without recursion: a chain of ten thousand nodes must not end the stack.
    fn visit(&mut self, root: usize) {
        self.on_stack.resize(self.edges.len(), false);
        let mut work: Vec<(usize, usize)> = vec![(root, 0)];
        self.enter(root);
        while let Some(&mut (node, ref mut at)) = work.last_mut() {
            if let Some(&next) = self.edges[node].get(*at) {
                *at += 1;
                if self.index[next] == usize::MAX {
                    self.enter(next);
                    work.push((next, 0));
                } else if self.on_stack[next] {
                    self.low[node] = self.low[node].min(self.index[next]);
                }
                continue;
            }
            work.pop();
            if let Some(&(parent, _)) = work.last() {
                self.low[parent] = self.low[parent].min(self.low[node]);
            }
            if self.low[node] == self.index[node] {
                let from = self.stack.iter().rposition(|n| *n == node).unwrap_or(0);
                let nodes = self.stack.split_off(from);
                for n in &nodes {
                    self.on_stack[*n] = false;
                }
                self.found.push(nodes);
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.index[node] = self.next;
        self.low[node] = self.next;
        self.next += 1;
        self.stack.push(node);
        self.on_stack[node] = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_found_and_shown_shortest() {
        // 0 -> 1 -> 2 -> 0, 1 -> 0, 3 -> 3, 4 -> 0
        let edges = vec![vec![1], vec![2, 0], vec![0], vec![3], vec![0]];
        assert_eq!(circular_components(&edges), vec![vec![0, 1, 2], vec![3]]);
        assert_eq!(shortest_circle(&edges, 0), vec![0, 1]);
        assert_eq!(shortest_circle(&edges, 2), vec![2, 0, 1]);
        assert_eq!(shortest_circle(&edges, 3), vec![3]);
        assert_eq!(shortest_circle(&edges, 4), Vec::<usize>::new());
    }
}

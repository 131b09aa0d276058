//! Which rules call which.

/// The strongly connected components of a graph: rules that lead to one another.
#[derive(Debug)]
pub struct Components {
    /// For each node the number of its component.
    pub of: Vec<usize>,
    /// The nodes, those that others lead to first: component by component.
    pub order: Vec<usize>,
}

/// Finds the components (Tarjan's algorithm, with a stack of its own: a chain of rules may be
/// longer than the program's stack allows).
pub fn components(edges: &[Vec<usize>]) -> Components {
    const UNSEEN: usize = usize::MAX;
    let mut number = vec![UNSEEN; edges.len()];
    let mut low = vec![UNSEEN; edges.len()];
    let mut of = vec![UNSEEN; edges.len()];
    let mut order = Vec::with_capacity(edges.len());
    let mut open: Vec<usize> = Vec::new();
    let mut work: Vec<(usize, usize)> = Vec::new();
    let mut next = 0_usize;
    let mut count = 0_usize;
    for root in 0..edges.len() {
        if get(&number, root) != UNSEEN {
            continue;
        }
        work.push((root, 0));
        while let Some((node, edge)) = work.pop() {
            if edge == 0 {
                put(&mut number, node, next);
                put(&mut low, node, next);
                next = next.saturating_add(1);
                open.push(node);
            }
            if let Some(&to) = edges.get(node).and_then(|to| to.get(edge)) {
                work.push((node, edge.saturating_add(1)));
                if get(&number, to) == UNSEEN {
                    work.push((to, 0));
                } else if get(&of, to) == UNSEEN {
                    let lower = get(&low, node).min(get(&number, to));
                    put(&mut low, node, lower);
                }
            } else {
                if get(&low, node) == get(&number, node) {
                    while let Some(member) = open.pop() {
                        put(&mut of, member, count);
                        order.push(member);
                        if member == node {
                            break;
                        }
                    }
                    count = count.saturating_add(1);
                }
                if let Some(&(parent, _)) = work.last() {
                    let lower = get(&low, parent).min(get(&low, node));
                    put(&mut low, parent, lower);
                }
            }
        }
    }
    Components { of, order }
}

/// A shortest way from `start` back to itself that stays in its component, both ends included.
pub fn cycle(edges: &[Vec<usize>], components: &Components, start: usize) -> Option<Vec<usize>> {
    let inside = |node: usize| components.of.get(node) == components.of.get(start);
    let mut from: Vec<Option<usize>> = vec![None; edges.len()];
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for &to in edges.get(node)? {
            if to == start {
                let mut path = vec![start];
                let mut at = node;
                while at != start {
                    path.push(at);
                    at = (*from.get(at)?)?;
                }
                path.push(start);
                path.reverse();
                return Some(path);
            }
            if inside(to) && from.get(to).is_some_and(Option::is_none) {
                *from.get_mut(to)? = Some(node);
                queue.push_back(to);
            }
        }
    }
    None
}

/// The nodes that `roots` lead to, themselves included.
pub fn reached(edges: &[Vec<usize>], roots: &[usize]) -> Vec<bool> {
    let mut seen = vec![false; edges.len()];
    let mut work = roots.to_vec();
    while let Some(node) = work.pop() {
        if let Some(mark) = seen.get_mut(node).filter(|mark| !**mark) {
            *mark = true;
            work.extend(edges.get(node).into_iter().flatten());
        }
    }
    seen
}

fn get(list: &[usize], at: usize) -> usize {
    list.get(at).copied().unwrap_or(usize::MAX)
}

fn put(list: &mut [usize], at: usize, value: usize) {
    if let Some(slot) = list.get_mut(at) {
        *slot = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_come_after_what_they_lead_to() {
        // 0 -> 1 <-> 2 -> 3, 4 -> 4
        let edges = vec![vec![1], vec![2], vec![1, 3], vec![], vec![4]];
        let found = components(&edges);
        assert_eq!(found.of[1], found.of[2]);
        assert_ne!(found.of[0], found.of[1]);
        let at = |node| found.order.iter().position(|&other| other == node).unwrap();
        assert!(at(3) < at(1) && at(1) < at(0) && at(2) < at(0));
        assert_eq!(cycle(&edges, &found, 1), Some(vec![1, 2, 1]));
        assert_eq!(cycle(&edges, &found, 4), Some(vec![4, 4]));
        assert_eq!(cycle(&edges, &found, 0), None);
        assert_eq!(reached(&edges, &[1]), [false, true, true, true, false]);
    }

    #[test]
    fn a_long_chain_is_no_matter() {
        let edges: Vec<Vec<usize>> = (1..=100_000).map(|to| vec![to % 100_000]).collect();
        assert_eq!(components(&edges).order.len(), 100_000);
    }
}

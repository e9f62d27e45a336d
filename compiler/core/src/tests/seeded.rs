//! Numbers that look random and are the same for the same seed.

/// A linear congruential generator (Knuth, *The Art of Computer Programming*, volume 2, 3.3.4; his `MMIX`).
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    /// A number below `n`, which is not 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}
